import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp, type Http } from '../../http/index.ts';
import { createTestCache, type TestCache } from '../../testing/cache.ts';
import { createArchive, type Publication, type TestArchive } from '../../testing/debian-archive.ts';
import { createSigner } from '../../testing/signing.ts';
import { keyringOf } from './keyring.ts';
import type { Mirror, SuiteSpec } from './mirrors.ts';
import { refreshSuite, type Note, type SuiteContext, type SuiteState } from './suites.ts';

const SPEC: SuiteSpec = { archive: 'debian', suite: 'trixie', components: ['main'] };
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const hours = (count: number): Date => new Date(NOW.getTime() + count * 3_600_000);
const PACKAGES: Publication['packages'] = [{ fields: { Package: 'a', Version: '1', Architecture: 'amd64' } }];

let archive: TestArchive;
let cache: TestCache;
let http: Http;
let notes: Note[];

beforeEach(async () => {
  archive = await createArchive({ packages: PACKAGES, date: hours(-1) });
  cache = createTestCache();
  http = createHttp({ env: {}, retries: 0 });
  notes = [];
});
afterEach(async () => {
  await http.close();
  await archive.close();
  await cache.remove();
});

function mirror(path = '/debian', origin: Mirror['origin'] = 'definition'): Mirror {
  return { uri: `${archive.server.url}${path}`, origin };
}

async function refresh(
  options: Partial<SuiteContext> & { mirrors?: Mirror[]; spec?: SuiteSpec } = {},
): Promise<SuiteState> {
  const { mirrors = [mirror()], spec = SPEC, ...context } = options;
  return refreshSuite(spec, mirrors, {
    cache,
    http,
    keyring: archive.keyring,
    now: NOW,
    maxAge: 0,
    checkValidUntil: true,
    allowOlder: false,
    onNote: (note) => notes.push(note),
    ...context,
  });
}

const asked = (): number => archive.server.requests.length;
const inRelease = 'debian/dists/trixie/InRelease';
const republish = (publication: Partial<Publication>): Promise<void> =>
  archive.publish({ packages: PACKAGES, ...publication });

describe('refreshSuite', () => {
  it('gives what the verified release says', async () => {
    await republish({ date: hours(-2), validUntil: hours(5) });
    expect(await refresh()).toMatchObject({
      archive: 'debian',
      suite: 'trixie',
      date: hours(-2).toISOString(),
      validUntil: hours(5).toISOString(),
      mirror: mirror().uri,
      architectures: ['all', 'amd64'],
      acquireByHash: true,
      checkedAt: NOW.toISOString(),
      signedBy: [archive.signer.fingerprint],
    });
    expect(Object.keys((await refresh()).files)).toEqual([
      'main/binary-amd64/Packages',
      'main/binary-amd64/Packages.gz',
    ]);
  });

  it('asks nobody while the last answer is fresh', async () => {
    const first = await refresh();
    expect(await refresh({ maxAge: 60, now: new Date(NOW.getTime() + 59_000) })).toEqual(first);
    expect(asked()).toBe(1);
  });

  it.each([
    ['after that time', { now: new Date(NOW.getTime() + 61_000) }],
    ['when the clock went back', { now: hours(-1) }],
  ])('asks again %s, conditionally', async (_when, options) => {
    await refresh();
    expect((await refresh({ maxAge: 60, ...options })).checkedAt).toBe(options.now.toISOString());
    expect(archive.server.requests[1]?.headers).toHaveProperty('if-none-match');
  });

  it('understands that nothing has changed', async () => {
    const first = await refresh();
    archive.intercept(/InRelease$/, (_request, response) => response.writeHead(304).end());
    expect(await refresh({ now: hours(1) })).toEqual({ ...first, checkedAt: hours(1).toISOString() });
  });

  it('does not trust an old answer with other keys or another mirror', async () => {
    await refresh();
    const other = await createSigner();
    const keyring = keyringOf([{ path: 'x', bytes: Buffer.from(other.publicKey) }]);
    await expect(refresh({ maxAge: 60, keyring })).rejects.toMatchObject({ code: 'SIGNATURE_UNKNOWN_KEY' });
    archive.files.set('copy/dists/trixie/InRelease', archive.files.get(inRelease)!);
    await refresh({ maxAge: 60, mirrors: [mirror('/copy')] });
    expect(asked()).toBe(3);
  });

  it('needs no network when offline, however old the answer is', async () => {
    await expect(refresh({ http: createHttp({ env: {}, offline: true }) })).rejects.toMatchObject({
      code: 'OFFLINE',
    });
    const first = await refresh();
    expect(await refresh({ http: createHttp({ env: {}, offline: true }), now: hours(5000) })).toEqual(first);
  });

  it('sees a new release', async () => {
    await refresh();
    await republish({ date: NOW });
    expect((await refresh()).date).toBe(NOW.toISOString());
  });

  it.each([
    ['another suite', (text: string) => text.replace('trixie', 'sid').replace('stable-trixie', 'unstable')],
    ['no digests', (text: string) => text.replace('SHA256:', 'SHA1:')],
    ['an unsafe path', (text: string) => text.replace('main/binary-amd64/Packages\n', '../../x\n')],
  ])('refuses a release with %s', async (_what, editRelease) => {
    await republish({ editRelease: (text) => editRelease(editRelease(text)) });
    await expect(refresh()).rejects.toMatchObject({ code: 'RELEASE_INVALID' });
    expect(cache.records.size).toBe(0);
  });

  it('accepts the suite by its other name', async () => {
    archive.files.set('debian/dists/stable-trixie/InRelease', archive.files.get(inRelease)!);
    expect((await refresh({ spec: { ...SPEC, suite: 'stable-trixie' } })).suite).toBe('stable-trixie');
  });

  it('refuses a release that has expired, unless that is waived', async () => {
    await republish({ date: hours(-5), validUntil: hours(1) });
    await refresh();
    const later = { now: hours(2) };
    const expired = {
      code: 'RELEASE_EXPIRED',
      hint: expect.stringContaining('--no-check-valid-until') as string,
    };
    await expect(refresh(later)).rejects.toMatchObject(expired);
    await expect(refresh({ ...later, maxAge: 1e9 })).rejects.toMatchObject(expired);
    expect((await refresh({ ...later, checkValidUntil: false })).suite).toBe('trixie');
    expect(notes).toMatchObject([{ kind: 'check-waived' }]);
  });

  it('refuses a release older than the one seen before, unless that is waived', async () => {
    await refresh();
    await republish({ date: hours(-24) });
    const older = { code: 'RELEASE_OLDER', hint: expect.stringContaining('--allow-older') as string };
    await expect(refresh()).rejects.toMatchObject(older);
    await expect(refresh()).rejects.toMatchObject(older);
    expect((await refresh({ allowOlder: true })).date).toBe(hours(-24).toISOString());
    expect((await refresh()).date).toBe(hours(-24).toISOString());
  });

  it.each([
    [
      'a changed text',
      () => Buffer.from(archive.files.get(inRelease)!.toString().replace('Origin: Test', 'Origin: Evil')),
      'SIGNATURE_INVALID',
    ],
    ['no signature', () => Buffer.from('Suite: trixie\n'), 'SIGNATURE_INVALID'],
    ['a file cut off', () => archive.files.get(inRelease)!.subarray(0, 300), 'SIGNATURE_INVALID'],
    ['a page', () => Buffer.from('<html>log in</html>'), 'NETWORK_CONTENT'],
    ['an empty file', () => Buffer.alloc(0), 'SIGNATURE_INVALID'],
  ])('refuses %s and asks no other mirror', async (_what, bytes, code) => {
    archive.files.set('bad/dists/trixie/InRelease', bytes());
    await expect(refresh({ mirrors: [mirror('/bad'), mirror()] })).rejects.toMatchObject({ code });
    expect(asked()).toBe(1);
    expect(cache.records.size).toBe(0);
  });

  it('keeps what it knew when an answer is refused', async () => {
    const first = await refresh();
    archive.files.set(inRelease, Buffer.from('Suite: trixie\n'));
    await expect(refresh()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    expect(await refresh({ maxAge: 60 })).toEqual(first);
  });

  it('passes over mirrors that do not have the suite or cannot be reached, with a note', async () => {
    const gone: Mirror = { uri: 'http://127.0.0.1:1/debian', origin: 'option' };
    const state = await refresh({ mirrors: [mirror('/none'), gone, mirror()] });
    expect(state.mirror).toBe(mirror().uri);
    expect(notes.map(({ kind, suite }) => [kind, suite])).toEqual([
      ['mirror-skipped', 'trixie'],
      ['mirror-skipped', 'trixie'],
    ]);
    expect(notes[0]?.message).toContain('404');
  });

  it('takes an apt source that others signed for another archive', async () => {
    const other = await createSigner();
    await republish({ signers: [other] });
    const foreign = archive.files.get(inRelease)!;
    await republish({});
    archive.files.set('php/dists/trixie/InRelease', foreign);
    const state = await refresh({ mirrors: [mirror('/php', 'apt'), mirror()] });
    expect(state.mirror).toBe(mirror().uri);
    expect(notes).toHaveLength(1);
    await expect(refresh({ mirrors: [mirror('/php', 'option'), mirror()] })).rejects.toMatchObject({
      code: 'SIGNATURE_UNKNOWN_KEY',
    });
    await expect(refresh({ mirrors: [mirror('/php', 'apt'), mirror('/none')] })).rejects.toMatchObject({
      code: 'SIGNATURE_UNKNOWN_KEY',
    });
  });

  it('lists what it tried when nobody has the suite', async () => {
    await expect(refresh({ mirrors: [mirror('/x'), mirror('/y')] })).rejects.toMatchObject({
      code: 'SUITE_NOT_FOUND',
      message: expect.stringMatching(/\/x\/dists.*\/y\/dists/) as string,
    });
    await expect(refresh({ mirrors: [] })).rejects.toMatchObject({ code: 'SUITE_NOT_FOUND' });
  });

  it('speaks of the network when nobody answers', async () => {
    await expect(refresh({ mirrors: [{ uri: 'http://127.0.0.1:1', origin: 'apt' }] })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
    });
  });

  it.each(['../../etc', 'a b', ''])('refuses the suite name %j', async (suite) => {
    await expect(refresh({ spec: { ...SPEC, suite } })).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
    expect(asked()).toBe(0);
  });
});
