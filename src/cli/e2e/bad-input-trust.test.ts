import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Publication } from '../../testing/debian-archive.ts';
import { expectHarmless, expectHealed, type Failure } from '../../testing/failure.ts';
import { createSandbox, GOOD, noise, packageOf, type Sandbox } from '../../testing/sandbox.ts';
import { createSigner } from '../../testing/signing.ts';

const NEWER: Publication = {
  packages: [GOOD.packages[0]!, packageOf('beta', [{ path: 'usr/share/beta', content: noise(9000) }], '1.1')],
};
const DAY = 86_400_000;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  expect(await sandbox.build()).toMatchObject({ code: 0 });
  await sandbox.archive.publish(NEWER);
});
afterEach(() => sandbox.close());

/** Changes what is served under a path, on the mirror and in the dated archive. */
function tamper(path: RegExp, change: (bytes: Buffer) => Uint8Array): void {
  const { files, snapshots } = sandbox.archive;
  let count = 0;
  for (const served of [files, snapshots]) {
    for (const [name, bytes] of served) {
      if (!path.test(name)) continue;
      served.set(name, change(Buffer.from(bytes)));
      count++;
    }
  }
  expect(count).toBeGreaterThan(0);
}

const text =
  (from: RegExp, to: string) =>
  (bytes: Buffer): Buffer => {
    const changed = bytes.toString().replace(from, to);
    expect(changed).not.toBe(bytes.toString());
    return Buffer.from(changed);
  };

describe('a release', () => {
  it.each<[string, (bytes: Buffer) => Uint8Array, Failure['message']]>([
    ['whose text was changed', text(/Origin: Test/, 'Origin: Evil'), /InRelease/],
    ['whose digests were changed', text(/ [0-9a-f]{8}/, ' 00000000'), /InRelease/],
    ['whose signature was changed', text(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA'), /InRelease/],
    ['without a signature', text(/-----BEGIN PGP SIGNATURE[^]*/, ''), /InRelease/],
    [
      'with more text before the signed one',
      (bytes) => Buffer.concat([Buffer.from('Suite: evil\n'), bytes]),
      /InRelease/,
    ],
    [
      'with more text after the signed one',
      (bytes) => Buffer.concat([bytes, Buffer.from('SHA256:\n')]),
      /InRelease/,
    ],
    ['that is noise', () => noise(5000).subarray(1), /InRelease/],
    ['that is empty', () => Buffer.alloc(0), /InRelease/],
    ['that is cut short', (bytes) => bytes.subarray(0, bytes.length / 2), /InRelease/],
  ])('%s', async (_what, change, message) => {
    tamper(/InRelease$/, change);
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'SIGNATURE_INVALID',
      message,
      hint: /mirror/,
    });
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  });

  it('signed by a key that nobody trusts', async () => {
    const stranger = await createSigner({ name: 'Stranger' });
    await sandbox.archive.publish({ ...NEWER, signers: [stranger] });
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'SIGNATURE_UNKNOWN_KEY',
      message: new RegExp(stranger.fingerprint.slice(-16)),
      hint: /--keyring/,
    });
    await sandbox.write('stranger.asc', stranger.publicKey);
    await expectHealed(sandbox, ['--refresh', '--keyring', sandbox.path('stranger.asc')]);
  });

  it('signed by a key that has expired', async () => {
    const createdAt = new Date(Date.now() - 30 * DAY);
    const key = await createSigner({ name: 'Past', createdAt, validFor: 86_400 });
    const expired = { ...key, signsAt: new Date(createdAt.getTime() + DAY / 2) };
    await sandbox.write('past.asc', expired.publicKey);
    await sandbox.archive.publish({ ...NEWER, signers: [expired] });
    await expectHarmless(sandbox, () => sandbox.build(['--refresh', '--keyring', sandbox.path('past.asc')]), {
      code: 'SIGNATURE_INVALID',
      message: /expired/,
      hint: /./,
    });
  });

  it('that is past its Valid-Until, unless that is waived', async () => {
    await sandbox.archive.publish({ ...NEWER, validUntil: new Date(Date.now() - DAY) });
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'RELEASE_EXPIRED',
      message: /trixie.*valid until/,
      hint: /--no-check-valid-until/,
    });
    const waived = await sandbox.build(['--refresh', '--no-check-valid-until']);
    expect(waived).toMatchObject({ code: 0 });
    expect(waived.stderr).toMatch(/valid until/);
    await expectHealed(sandbox, ['--refresh', '--no-check-valid-until']);
  });

  it('that is older than the one seen before, unless that is allowed', async () => {
    await sandbox.archive.publish({ ...NEWER, date: new Date(Date.now() - DAY) });
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'RELEASE_OLDER',
      message: /trixie.*older than/,
      hint: /--allow-older/,
    });
    const allowed = await sandbox.build(['--refresh', '--allow-older']);
    expect(allowed).toMatchObject({ code: 0 });
    expect(allowed.stderr).toMatch(/older than/);
    await expectHealed(sandbox, ['--refresh', '--allow-older']);
  });

  it.each<[string, (release: string) => string, Failure]>([
    [
      'of another suite',
      (release) =>
        release
          .replace('Codename: trixie', 'Codename: forky')
          .replace('Suite: stable-trixie', 'Suite: testing'),
      { code: 'RELEASE_INVALID', message: /forky, not trixie/, hint: /mirror/ },
    ],
    [
      'without a date',
      (release) => release.replace(/Date: .*\n/, ''),
      { code: 'RELEASE_INVALID', message: /[Dd]ate/, hint: /mirror/ },
    ],
    [
      'without digests',
      (release) => release.replace(/SHA256:[^]*/, ''),
      { code: 'RELEASE_INVALID', message: /SHA256/, hint: /mirror/ },
    ],
    [
      'with a size that is no number',
      (release) => release.replace(/( [0-9a-f]{64}) \d+ /, '$1 1e9 '),
      { code: 'RELEASE_INVALID', message: /InRelease/, hint: /mirror/ },
    ],
  ])('%s, though well signed', async (_what, editRelease, failure) => {
    await sandbox.archive.publish({ ...NEWER, editRelease });
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), failure);
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  });
});

describe('an index', () => {
  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['that was changed', (bytes) => (bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20), bytes)],
    ['that is longer', (bytes) => Buffer.concat([bytes, bytes])],
    ['that is shorter', (bytes) => bytes.subarray(0, bytes.length - 9)],
    ['that is empty', () => Buffer.alloc(0)],
  ])('%s', async (_what, change) => {
    tamper(/Packages|by-hash/, change);
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'DIGEST_MISMATCH',
      message: /binary-amd64/,
      hint: /mirror/,
    });
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  });

  it.each<[string, (index: string) => string, Failure]>([
    [
      'whose paths leave the archive',
      (index) => index.replaceAll('Filename: pool/', 'Filename: ../../pool/'),
      { code: 'RELEASE_INVALID', message: /\.\.\/\.\.\/pool/, hint: /./ },
    ],
    [
      'with a size that is no number',
      (index) => index.replace(/^Size: .*$/m, 'Size: many'),
      { code: 'RELEASE_INVALID', message: /Size/, hint: /./ },
    ],
    [
      'with a digest that is none',
      (index) => index.replace(/^SHA256: .*$/m, 'SHA256: ../../x'),
      { code: 'RELEASE_INVALID', message: /SHA256/, hint: /./ },
    ],
  ])('%s, though well signed', async (_what, editPackages, failure) => {
    await sandbox.archive.publish({ ...NEWER, editPackages });
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), failure);
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  });
});

describe('a package', () => {
  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['that was changed', (bytes) => (bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200), bytes)],
    ['that is longer', (bytes) => Buffer.concat([bytes, Buffer.from('\n')])],
    ['that is shorter', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['that is another one', () => Buffer.from(GOOD.packages[0]!.deb!)],
  ])('%s', async (_what, change) => {
    tamper(/beta_1\.1/, change);
    await expectHarmless(sandbox, () => sandbox.build(['--refresh']), {
      code: 'DIGEST_MISMATCH',
      message: /beta_1\.1_amd64\.deb/,
      hint: /mirror/,
    });
    await sandbox.archive.publish(NEWER);
    await expectHealed(sandbox, ['--refresh']);
  });
});
