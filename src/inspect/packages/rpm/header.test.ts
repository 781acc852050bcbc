import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeHeader, makePackage } from './fixtures.ts';
import { readHeader } from './header.ts';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const FILES = {
  1116: { numbers: [0, 0, 1, 1, 0], width: 4 },
  1117: { texts: ['bash', 'sh', 'bashrc', 'skel', 'gone'] },
  1118: { texts: ['/usr/bin/', '/etc/'] },
  1029: { numbers: [0, 0, 0, 0, 2], width: 1 },
  1030: { numbers: [0o100755, 0o120777, 0o100644, 0o040755, 0o100644], width: 2 },
  1037: { numbers: [0, 0, 17, 0, 2], width: 4 },
} as const;

describe("a header of RPM's database", () => {
  it('tells of a package', () => {
    const header = makePackage('bash', {
      1003: { numbers: [2], width: 4 },
      1004: { text: 'The GNU Bourne Again shell' },
      1009: { numbers: [8_400_000], width: 4 },
      1044: { text: 'bash-source-1.2-3.fc40.src.rpm' },
    });
    expect(readHeader(header)).toEqual({
      type: 'rpm',
      name: 'bash',
      version: '2:1.2-3.fc40',
      architecture: 'x86_64',
      source: { name: 'bash-source', version: '2:1.2-3.fc40' },
      licences: ['MIT'],
      summary: 'The GNU Bourne Again shell',
      installedSize: 8_400_000,
      purl: 'pkg:rpm/bash@1.2-3.fc40?arch=x86_64&epoch=2',
    });
  });

  it.each([
    ['bash-1.2-3.fc40.src.rpm', undefined],
    ['bash-1.1-9.fc40.nosrc.rpm', { name: 'bash', version: '1.1-9.fc40' }],
    ['shells-5-1.src.rpm', { name: 'shells', version: '5-1' }],
    ['nonsense', undefined],
  ])('made of %s has the source %j', (file, source) => {
    expect(readHeader(makePackage('bash', { 1044: { text: file } }))?.source).toEqual(source);
  });

  it('has a size of more than 4 GiB', () => {
    const header = makePackage('big', { 5009: { numbers: [6 * 2 ** 30], width: 8 } });
    expect(readHeader(header)?.installedSize).toBe(6 * 2 ** 30);
  });

  it.each([
    [8, SHA256, { sha256: SHA256 }],
    [1, MD5, { md5: MD5 }],
    [undefined, MD5, { md5: MD5 }],
    [10, 'f'.repeat(128), {}],
    [8, MD5, {}],
  ])('lists its files, with digests of algorithm %s', (algorithm, digest, said) => {
    const found = readHeader(
      makePackage('bash', {
        ...FILES,
        1035: { texts: [digest, '', digest, '', digest] },
        ...(algorithm === undefined ? {} : { 5011: { numbers: [algorithm], width: 4 as const } }),
      }),
    );
    expect(found).toMatchObject({ partial: true });
    expect(found?.files).toEqual([
      { path: 'usr/bin/bash', ...said },
      { path: 'usr/bin/sh' },
      { path: 'etc/bashrc', ...said, configuration: true },
    ]);
  });

  it('of an old RPM lists whole paths', () => {
    const found = readHeader(makePackage('old', { 1027: { texts: ['/bin/a', '/bin/b'] } }));
    expect(found?.files).toEqual([{ path: 'bin/a' }, { path: 'bin/b' }]);
  });

  it('may be a key', () => {
    const key = makeHeader({
      1000: { text: 'gpg-pubkey' },
      1001: { text: 'a1b2c3' },
      1002: { text: '5d4e' },
    });
    expect(readHeader(key)).toEqual({
      type: 'rpm',
      name: 'gpg-pubkey',
      version: 'a1b2c3-5d4e',
      licences: [],
      purl: 'pkg:rpm/gpg-pubkey@a1b2c3-5d4e',
    });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(64)],
    ['no name', makeHeader({ 1001: { text: '1' }, 1002: { text: '1' } })],
    ['no version', makeHeader({ 1000: { text: 'a' } })],
    ['more entries than bytes', Buffer.from('0000ffff00000000', 'hex')],
    ['more data than bytes', Buffer.from('00000000ffffffff', 'hex')],
    ['a name without an end', makeHeader({ 1000: { text: 'a' } }).subarray(0, -1)],
  ])('is none: %s', (_what, bytes) => {
    expect(readHeader(bytes)).toBeUndefined();
  });

  it('never throws, whatever bytes are there', () => {
    const good = makePackage('bash', { ...FILES, 1035: { texts: [SHA256, '', SHA256] } });
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        readHeader(bytes);
      }),
    );
  });
});
