import { expect, it } from 'vitest';
import { viewOf } from '../../testing/inspected.ts';
import { loadReaders } from '../load-readers.ts';
import { packagesOf } from './packages.ts';

it('a package of npm is all of its folder but for the packages in it', async () => {
  const manifest = (name: string): string => JSON.stringify({ name, version: '1.0.0' });
  const view = await viewOf(
    [
      {
        'app/node_modules/a/package.json': manifest('a'),
        'app/node_modules/a/lib/index.js': '12345',
        'app/node_modules/a/lib/link.js': '-> index.js',
        'app/node_modules/a/node_modules/b/package.json': manifest('b'),
        'app/node_modules/a/node_modules/b/index.js': '123',
        'app/index.js': '1',
      },
    ],
    { readers: await loadReaders() },
  );
  const size = manifest('a').length;
  expect(packagesOf(view).map(({ installed, files, size: bytes }) => [installed.name, files, bytes])).toEqual(
    [
      ['a', 2, size + 5],
      ['b', 2, size + 3],
    ],
  );
});
