import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAr, makeDeb, makeTar } from '../../testing/deb.ts';
import { expectFailure, expectHarmless, expectHealed, type Failure } from '../../testing/failure.ts';
import { debOf, headerOf, zstdBomb } from '../../testing/hostile-deb.ts';
import { createSandbox, GOOD, noise, packageOf, published, type Sandbox } from '../../testing/sandbox.ts';

const [alpha] = GOOD.packages;
const NEWER = { packages: [alpha!, packageOf('beta', undefined, '1.2')] };

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  expect(await sandbox.build()).toMatchObject({ code: 0 });
});
afterEach(() => sandbox.close());

/** Publishes a version 1.1 of beta that is signed and listed as it should be. */
async function publish(deb: Uint8Array): Promise<void> {
  await sandbox.archive.publish({ packages: [alpha!, published('beta', deb, '1.1')] });
}

const sound = makeDeb({
  name: 'beta',
  version: '1.1',
  files: [{ path: 'usr/share/beta', content: noise(5000) }],
});

/** The package with another size in the header (ar(5)) of its last member. */
function withMemberSize(deb: Buffer, size: string): Buffer {
  const changed = Buffer.from(deb);
  changed.write(size, changed.indexOf('data.tar') + 48);
  return changed;
}

describe('a package', () => {
  it.each<[string, Uint8Array, Failure['code'], Failure['message']]>([
    [
      'that is cut short',
      sound.subarray(0, sound.length - 100),
      'ARCHIVE_INVALID',
      /more than the archive has/,
    ],
    ['that is cut in its first header', sound.subarray(0, 20), 'ARCHIVE_INVALID', /cut short/],
    ['that is no archive', noise(1000), 'ARCHIVE_INVALID', /ar archive/],
    [
      'whose compressed data is cut short',
      debOf('beta', gzipSync(makeTar([{ path: './a', content: noise(5000) }])).subarray(0, -40), {
        ending: '.gz',
      }),
      'ARCHIVE_INVALID',
      /damaged or cut short/,
    ],
    [
      'whose data is cut short',
      debOf('beta', makeTar([{ path: './a', content: noise(5000) }]).subarray(0, 2048)),
      'ARCHIVE_INVALID',
      /cut short/,
    ],
    [
      'with an absolute path',
      debOf('beta', [{ path: '/etc/passwd', content: 'x' }]),
      'ARCHIVE_UNSAFE',
      /"\/etc\/passwd" is absolute/,
    ],
    [
      'with a path that climbs',
      debOf('beta', [{ path: './../x', content: 'x' }]),
      'ARCHIVE_UNSAFE',
      /"\.\/\.\.\/x" leads out/,
    ],
    [
      'with a path that climbs later',
      debOf('beta', [{ path: './usr/../../x' }]),
      'ARCHIVE_UNSAFE',
      /leads out/,
    ],
    [
      'with a path that is too long',
      debOf('beta', [{ path: `./${'a/'.repeat(3000)}x` }]),
      'ARCHIVE_UNSAFE',
      /longer than 4095/,
    ],
    [
      'with a link out of the root',
      debOf('beta', [{ path: './usr/x', type: 'symlink', linkName: '../../etc/passwd' }]),
      'ARCHIVE_UNSAFE',
      /"usr\/x" is a link out of the root/,
    ],
    [
      'with a file below a link',
      debOf('beta', [
        { path: './usr/x', type: 'symlink', linkName: '/etc' },
        { path: './usr/x/passwd', content: 'x' },
      ]),
      'ARCHIVE_UNSAFE',
      /"usr\/x\/passwd" lies below "usr\/x"/,
    ],
    [
      'with a hard link out of itself',
      debOf('beta', [{ path: './x', type: 'hardlink', linkName: './etc/passwd' }]),
      'ARCHIVE_UNSAFE',
      /hard link/,
    ],
    [
      'with a hard link that climbs',
      debOf('beta', [{ path: './x', type: 'hardlink', linkName: '../x' }]),
      'ARCHIVE_UNSAFE',
      /leads out/,
    ],
    [
      'with a device',
      debOf('beta', [{ path: './dev/sda', type: 'block', deviceMajor: 8 }]),
      'ARCHIVE_UNSUPPORTED',
      /dev\/sda/,
    ],
    [
      'with one file twice',
      debOf('beta', [
        { path: './a', content: '1' },
        { path: './a', content: '2' },
      ]),
      'ARCHIVE_INVALID',
      /"a" is in the package twice/,
    ],
    [
      'with one file under two names of one path',
      debOf('beta', [{ path: './a//b' }, { path: './a/./b' }]),
      'ARCHIVE_INVALID',
      /"a\/b" is in the package twice/,
    ],
    [
      'with two data archives',
      debOf('beta', [], { members: [['data.tar.gz', gzipSync(makeTar([]))]] }),
      'ARCHIVE_INVALID',
      /data\.tar more than once/,
    ],
    [
      'with two control archives',
      debOf('beta', [], { members: [['control.tar', makeTar([])]] }),
      'ARCHIVE_INVALID',
      /control\.tar more than once/,
    ],
    [
      'of another format',
      makeAr([['debian-binary', Buffer.from('3.0\n')]]),
      'ARCHIVE_INVALID',
      /format version/,
    ],
    [
      'compressed as nobody does',
      debOf('beta', noise(50), { ending: '.lz4' }),
      'ARCHIVE_UNSUPPORTED',
      /data\.tar\.lz4/,
    ],
    [
      'whose name is a path',
      debOf('beta', [], { control: 'Package: ../../x\n' }),
      'ARCHIVE_INVALID',
      /names no package/,
    ],
    [
      'with a file of a terabyte',
      debOf('beta', Buffer.concat([headerOf('./a', 2 ** 40), noise(600)])),
      'ARCHIVE_TOO_LARGE',
      /unpacks to more than/,
    ],
    [
      'with a file larger than the archive',
      debOf('beta', Buffer.concat([headerOf('./a', 2 ** 30), noise(600)])),
      'ARCHIVE_INVALID',
      /cut short/,
    ],
    [
      'with a member larger than the package',
      withMemberSize(sound, '9999999999'),
      'ARCHIVE_INVALID',
      /9999999999 bytes, which is more/,
    ],
  ])('%s', async (_what, deb, code, message) => {
    await publish(deb);
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code,
      message,
      hint: /not used|cannot be read|can be read/,
    });
    expect((await sandbox.build(['--refresh'])).stderr).toMatch(/error: beta 1\.1/);
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  });

  it('that names itself like another one', async () => {
    await publish(debOf('beta', [], { control: 'Package: alpha\nVersion: 9\n' }));
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'FILE_CONFLICT',
      message: /alpha 1\.0 and beta 1\.1 both bring \/var\/lib\/dpkg\/status\.d\/alpha/,
      hint: /./,
    });
  });
});

describe('two packages', () => {
  it.each<[string, Parameters<typeof debOf>[1]]>([
    ['with different files under one path', [{ path: './usr/bin/alpha', content: 'other' }]],
    ['with a file and a folder under one path', [{ path: './usr/bin/alpha', type: 'directory' }]],
    ['with a file below the file of the other', [{ path: './usr/bin/alpha/x', content: 'x' }]],
    ['with a file below a link of the other', [{ path: './usr/lib/alpha.so/x', content: 'x' }]],
  ])('%s', async (_what, files) => {
    await publish(debOf('beta', files));
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'FILE_CONFLICT',
      message: /alpha 1\.0 and beta 1\.1.*\/usr\/(bin|lib)\/alpha/,
      hint: /packages/,
    });
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  });
});

describe('a decompression bomb', () => {
  const BLOCKS = 65_536; // of 128 KiB: 8 GiB in 256 KiB

  /** Builds and watches the memory of the process. */
  async function attack(deb: Uint8Array): Promise<void> {
    expect(deb.length).toBeLessThan(300_000);
    await publish(deb);
    const { child, result: running } = sandbox.start(['--refresh']);
    let peak = 0;
    const watch = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
      } catch {
        // Not on Linux, or it has ended.
      }
    }, 10);
    const started = Date.now();
    const result = await running;
    clearInterval(watch);
    expectFailure(result, {
      code: 'ARCHIVE_TOO_LARGE',
      message: /beta 1\.1.* (data|control)\.tar unpacks to more than \d+ bytes/,
      hint: /bomb/,
    });
    expect(Date.now() - started).toBeLessThan(60_000);
    expect(peak).toBeLessThan(400_000);
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  }

  it('in a file', () =>
    attack(
      debOf('beta', zstdBomb(headerOf('./usr/zeros', BLOCKS * 128 * 1024), BLOCKS), { ending: '.zst' }),
    ));

  it('in a file that the rules leave out', () =>
    attack(
      debOf('beta', zstdBomb(headerOf('./usr/share/man/zeros', BLOCKS * 128 * 1024), BLOCKS), {
        ending: '.zst',
      }),
    ));

  it('behind the end of the archive', () =>
    attack(debOf('beta', zstdBomb(makeTar([]), BLOCKS), { ending: '.zst' })));

  it('in the control archive', () =>
    attack(
      makeAr([
        ['debian-binary', Buffer.from('2.0\n')],
        ['control.tar.zst', zstdBomb(headerOf('./control', BLOCKS * 128 * 1024), BLOCKS)],
        ['data.tar', makeTar([])],
      ]),
    ));
});
