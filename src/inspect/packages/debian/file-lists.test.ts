import { describe, expect, it } from 'vitest';
import { factsOf } from '../fixtures.ts';
import { debianReader } from './readers.ts';

const SUM = '7210080490f9fd139c1b44fa0f730988';

describe("dpkg's lists of files", () => {
  it.each([
    [
      'var/lib/dpkg/info/libc6:amd64.list',
      '/.\n/lib\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libc.so.6\n/var/empty\n/usr/share/doc\n/usr/share/doc/a b\n',
      'libc6:amd64',
      [{ path: 'lib/x86_64-linux-gnu/libc.so.6' }, { path: 'var/empty' }, { path: 'usr/share/doc/a b' }],
    ],
    [
      'var/lib/dpkg/info/bash.md5sums',
      `${SUM}  bin/bash\n${SUM} *usr/bin/bashbug\nnonsense\n${SUM}  ../../etc/shadow\n${SUM.slice(1)}  short\n`,
      'bash',
      [
        { path: 'bin/bash', md5: SUM },
        { path: 'usr/bin/bashbug', md5: SUM },
      ],
    ],
    [
      'var/lib/dpkg/status.d/base-files.md5sums',
      `${SUM}  ./etc//debian_version\n`,
      'base-files',
      [{ path: 'etc/debian_version', md5: SUM }],
    ],
    [
      'var/lib/dpkg/info/bash.conffiles',
      '/etc/bash.bashrc\nremove-on-upgrade /etc/gone\n',
      'bash',
      [{ path: 'etc/bash.bashrc', configuration: true }],
    ],
  ])('%s', async (path, text, name, files) => {
    expect(await factsOf(debianReader, path, text)).toEqual([
      { kind: 'owned-files', owned: { type: 'deb', package: name, files } },
    ]);
  });

  it.each([
    ['var/lib/dpkg/info/bash.postinst', '/bin/bash'],
    ['var/lib/dpkg/info/.wh.bash.list', '/bin/bash'],
    ['var/lib/dpkg/info/bash.list', ''],
    ['var/lib/dpkg/info/bash.list', '/\n/.\n/..\n/../x\n'],
    ['var/lib/dpkg/info/bash.list', `/${'x'.repeat(5000)}\n/\0\n`],
  ])('%s of %j says nothing', async (path, text) => {
    expect(await factsOf(debianReader, path, text)).toEqual([]);
  });
});
