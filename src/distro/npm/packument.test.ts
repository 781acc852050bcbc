import { describe, expect, it } from 'vitest';
import { packumentOf, type TestNpmVersion } from '../../testing/npm-registry.ts';
import { parsePackument, type RegistryPlace } from './packument.ts';

const BASE = 'https://npm.example/';
const PLACE: RegistryPlace = { base: BASE, defaultBase: 'https://default.example/', replaceHost: 'npmjs' };
const SUM = `sha512-${'A'.repeat(86)}==`;

async function versionsOf(versions: Record<string, TestNpmVersion>): Promise<string[]> {
  return (await parsePackument(packumentOf('node', versions, BASE), 'node', PLACE)).map(
    ({ version }) => version,
  );
}

describe('the releases of a packument', () => {
  it('come newest first, by number and not by text', async () => {
    expect(await versionsOf({ '24.9.0': {}, '24.10.0': {}, '9.1.0': {}, '24.10.1': {} })).toEqual([
      '24.10.1',
      '24.10.0',
      '24.9.0',
      '9.1.0',
    ]);
  });

  it.each<[string, Record<string, TestNpmVersion>]>([
    ['prereleases', { '25.0.0-rc.1': {}, '25.0.0-nightly20260101': {} }],
    ['what has no integrity', { '25.0.0': { dist: { integrity: undefined } } }],
    [
      'what has a weak integrity only',
      { '25.0.0': { dist: { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' } } },
    ],
    ['what has a broken integrity', { '25.0.0': { dist: { integrity: 'sha512-AAAA' } } }],
    ['what is no version', { latest: {}, 'v25.0.0': {}, '25.0': {}, '../../x': {} }],
  ])('leave out %s', async (_what, versions) => {
    expect(await versionsOf({ '24.0.0': {}, ...versions })).toEqual(['24.0.0']);
  });

  it.each([
    [`sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${SUM}`, SUM],
    [`${SUM}?option sha512-x`, SUM],
  ])('have the SHA-512 integrity of %s', async (integrity, expected) => {
    const document = packumentOf('node', { '1.0.0': { dist: { integrity } } }, BASE);
    expect(await parsePackument(document, 'node', PLACE)).toMatchObject([{ integrity: expected }]);
  });

  it('say what is deprecated, when it was published and how large it is', async () => {
    const published = '2026-02-03T04:05:06.000Z';
    const versions = {
      '1.0.0': { more: { deprecated: 'broken' }, published },
      '1.0.1': { more: { deprecated: '' } },
    };
    const [newer, older] = await parsePackument(packumentOf('node', versions, BASE), 'node', PLACE);
    expect(newer).not.toHaveProperty('deprecated');
    expect(older).toMatchObject({ deprecated: true, published, unpackedSize: 1234 });
  });

  it.each([
    undefined,
    null,
    [],
    'text',
    {},
    { name: 'node' },
    { name: 'other', versions: {} },
    { name: 'node', versions: 'x' },
    { error: 'not found' },
  ])('are not those of %j', async (document) => {
    await expect(parsePackument(document, 'node', PLACE)).rejects.toMatchObject({ code: 'NETWORK_CONTENT' });
  });

  it('survive entries of any form', async () => {
    const versions = {
      '1.0.0': null,
      '1.0.1': 5,
      '1.0.2': { dist: 'x' },
      '1.0.3': { dist: { tarball: 5, integrity: SUM } },
    };
    expect(await parsePackument({ name: 'node', versions, time: 'x' }, 'node', PLACE)).toMatchObject([
      { version: '1.0.3', path: 'node/-/node-1.0.3.tgz' },
    ]);
  });
});

describe('the path of a tarball', () => {
  const USUAL = 'node/-/node-1.0.0.tgz';

  it.each<[string, Partial<RegistryPlace>, string, string]>([
    ['is below the registry', {}, `${BASE}node/-/node-1.0.0.tgz`, USUAL],
    ['keeps an unusual place below the registry', {}, `${BASE}files/n.tgz`, 'files/n.tgz'],
    [
      'is below the path of the registry',
      { base: `${BASE}api/npm/` },
      `${BASE}api/npm/node/-/n.tgz`,
      'node/-/n.tgz',
    ],
    ['may be relative', {}, '/node/-/node-1.0.0.tgz', USUAL],
    ['stands for the default registry’s', {}, 'https://default.example/node/-/node-1.0.0.tgz', USUAL],
    [
      'stands for a named host’s',
      { replaceHost: 'old.example' },
      'https://old.example/node/-/n.tgz',
      'node/-/n.tgz',
    ],
    [
      'stands for a named address’s',
      { replaceHost: 'https://old.example/npm' },
      'https://old.example/npm/node/-/n.tgz',
      'node/-/n.tgz',
    ],
    ['stands for any host’s', { replaceHost: 'always' }, 'https://any.example/node/-/n.tgz', 'node/-/n.tgz'],
  ])('%s', async (_what, place, tarball, path) => {
    const document = packumentOf('node', { '1.0.0': { dist: { tarball } } }, BASE);
    const [release] = await parsePackument(document, 'node', { ...PLACE, ...place });
    expect(release).toMatchObject({ path });
    expect(release).not.toHaveProperty('tarball');
  });

  it.each<[string, Partial<RegistryPlace>, string]>([
    ['another host', {}, 'https://cdn.example/node.tgz'],
    [
      'the default registry, which is not to be replaced',
      { replaceHost: 'never' },
      'https://default.example/node/-/n.tgz',
    ],
    ['beside the registry', { base: `${BASE}npm/` }, `${BASE}npmx/node.tgz`],
    ['a signed address', {}, `${BASE}node.tgz?sig=abc`],
    ['an address with quoted letters', {}, `${BASE}node%2fx.tgz`],
  ])('is the usual one for %s, which is kept apart', async (_what, place, tarball) => {
    const document = packumentOf('node', { '1.0.0': { dist: { tarball } } }, BASE);
    const [release] = await parsePackument(document, 'node', { ...PLACE, ...place });
    expect(release).toMatchObject({ path: USUAL, tarball });
  });

  it('of a package with a scope names the scope once', async () => {
    const document = packumentOf('@team/node', { '1.0.0': { dist: { tarball: '' } } }, BASE);
    expect(await parsePackument(document, '@team/node', { ...PLACE })).toMatchObject([
      { path: '@team/node/-/node-1.0.0.tgz' },
    ]);
  });
});
