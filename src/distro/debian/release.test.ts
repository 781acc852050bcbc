import { describe, expect, it } from 'vitest';
import { parseRelease } from './release.ts';

const HEX = 'ab'.repeat(32);
const GOOD = [
  'Origin: Debian',
  'Label: Debian',
  'Suite: stable-updates',
  'Version: 13-updates',
  'Codename: trixie-updates',
  'Date: Thu, 19 Nov 2026 02:12:54 UTC',
  'Valid-Until: Thu, 26 Nov 2026 02:12:54 UTC',
  'Acquire-By-Hash: yes',
  'No-Support-for-Architecture-all: Packages',
  'Architectures: all amd64 arm64',
  'Components: main contrib',
  'Description: Debian 13 - Updates',
  'SHA256:',
  ` ${HEX} 1234 main/binary-amd64/Packages.xz`,
  ` ${HEX}        0 main/binary-amd64/Packages`,
  '',
].join('\n');

describe('parseRelease', () => {
  it('reads every field that decides', () => {
    expect(parseRelease(GOOD, 'origin')).toEqual({
      origin: 'Debian',
      label: 'Debian',
      suite: 'stable-updates',
      codename: 'trixie-updates',
      version: '13-updates',
      date: new Date('2026-11-19T02:12:54Z'),
      validUntil: new Date('2026-11-26T02:12:54Z'),
      acquireByHash: true,
      architectures: ['all', 'amd64', 'arm64'],
      components: ['main', 'contrib'],
      separateAll: false,
      files: new Map([
        ['main/binary-amd64/Packages.xz', { size: 1234, digest: `sha256:${HEX}` }],
        ['main/binary-amd64/Packages', { size: 0, digest: `sha256:${HEX}` }],
      ]),
    });
  });

  it('takes what may be absent for absent', () => {
    const release = parseRelease(
      GOOD.replace(/^(?:Valid-Until|Acquire|No-Support|Suite|Version|Origin).*\n/gm, ''),
      'origin',
    );
    expect(release).toMatchObject({
      suite: '',
      version: '',
      origin: '',
      acquireByHash: false,
      separateAll: true,
    });
    expect(release).not.toHaveProperty('validUntil');
  });

  it.each([
    'Fri, 1 Jan 2027 00:00:00 UTC',
    'Fri, 01 Jan 2027 00:00:00 UTC',
    'Fri, 01 Jan 2027 0:00:00 GMT',
    '01 Jan 2027 00:00:00 +0000',
  ])('reads the date %j', (date) => {
    const release = parseRelease(GOOD.replace(/^Date: .*/m, `Date: ${date}`), 'origin');
    expect(release.date).toEqual(new Date('2027-01-01T00:00:00Z'));
  });

  it.each([
    ['nothing', () => '', /0 stanzas/],
    ['two stanzas', () => `${GOOD}\nSuite: other\n`, /2 stanzas/],
    ['no name', () => GOOD.replace(/^(Suite|Codename).*\n/gm, ''), /neither Suite nor Codename/],
    ['no date', () => GOOD.replace(/^Date.*\n/m, ''), /Date is not a date/],
    ['a date in another zone', () => GOOD.replace('54 UTC', '54 +0200'), /Date is not a date/],
    ['a date that is none', () => GOOD.replace('19 Nov', '31 Nov'), /Date is not a date/],
    [
      'a Valid-Until that is none',
      () => GOOD.replace(/^Valid-Until.*/m, 'Valid-Until: soon'),
      /Valid-Until is not/,
    ],
    ['no digests', () => GOOD.replace('SHA256:', 'MD5Sum:'), /no SHA256 section/],
    ['a short digest', () => GOOD.replace(HEX, HEX.slice(1)), /not a line/],
    ['a digest in capitals', () => GOOD.replace(HEX, HEX.toUpperCase()), /not a line/],
    ['a negative size', () => GOOD.replace(' 1234 ', ' -1 '), /not a line/],
    ['a size that no number holds', () => GOOD.replace(' 1234 ', ' 12345678901234567890 '), /not a line/],
    ['a fourth word', () => GOOD.replace('Packages.xz', 'Packages.xz x'), /not a line/],
    ['no path', () => GOOD.replace(' main/binary-amd64/Packages.xz', ''), /unsafe path/],
    ['an absolute path', () => GOOD.replace('main/binary-amd64/Packages.xz', '/etc/passwd'), /unsafe path/],
    ['a path with ..', () => GOOD.replace('main/binary-amd64/Packages.xz', 'main/../../x'), /unsafe path/],
    [
      'a path with an empty segment',
      () => GOOD.replace('main/binary-amd64/Packages.xz', 'main//x'),
      /unsafe path/,
    ],
    ['a path with a query', () => GOOD.replace('Packages.xz', 'Packages?x'), /unsafe path/],
    [
      'a path with two digests',
      () =>
        GOOD.replace('Packages.xz\n', `Packages.xz\n ${'cd'.repeat(32)} 1 main/binary-amd64/Packages.xz\n`),
      /listed twice/,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseRelease(text(), 'http://a.example/InRelease')).toThrow(message);
    expect(() => parseRelease(text(), 'http://a.example/InRelease')).toThrow(
      expect.objectContaining({ code: 'RELEASE_INVALID' }) as Error,
    );
  });
});
