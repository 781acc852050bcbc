import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PithError } from '../core/index.ts';
import { decodeName, encodeName } from './names.ts';
import type { TarEntry } from './tar-format.ts';
import { readTar } from './tar-reader.ts';
import { encodeHeader, END_OF_ARCHIVE, paddingOf } from './tar-writer.ts';

const file: TarEntry = {
  path: 'usr/bin/app',
  type: 'file',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 1_700_000_000,
  linkName: '',
  deviceMajor: 0,
  deviceMinor: 0,
};

async function* pieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  await Promise.resolve();
}

function archive(members: readonly { entry: TarEntry; content?: Uint8Array }[]): Buffer {
  return Buffer.concat([
    ...members.flatMap(({ entry, content = new Uint8Array(0) }) => [
      encodeHeader({ ...entry, size: content.length }),
      content,
      new Uint8Array(paddingOf(content.length)),
    ]),
    END_OF_ARCHIVE,
  ]);
}

async function read(bytes: Uint8Array, size?: number): Promise<{ entry: TarEntry; content: Buffer }[]> {
  const members = [];
  for await (const { entry, body } of readTar(pieces(bytes, size), 'test.tar')) {
    const content: Uint8Array[] = [];
    for await (const piece of body) content.push(Buffer.from(piece));
    members.push({ entry, content: Buffer.concat(content) });
  }
  return members;
}

describe('names', () => {
  it.each([
    ['plain', Buffer.from('usr/bin')],
    ['UTF-8', Buffer.from('Größe/日本')],
    ['Latin-1', Buffer.from([0x47, 0x72, 0xf6, 0xdf, 0x65])],
    ['a broken sequence', Buffer.from([0xe3, 0x81, 0x2f, 0xff, 0x61])],
    ['surrogates in UTF-8', Buffer.from([0xed, 0xb2, 0x80])],
    ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x61])],
  ])('%s comes back byte for byte', (_what, bytes) => {
    expect(encodeName(decodeName(bytes))).toEqual(bytes);
  });

  it('any bytes come back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => Buffer.compare(encodeName(decodeName(bytes)), bytes) === 0),
    );
  });
});

describe('a tar entry survives writing and reading', () => {
  const long = (n: number): string => `${'d'.repeat(60)}/`.repeat(Math.ceil(n / 61)).slice(0, n - 1) + 'f';
  it.each<[string, Partial<TarEntry>]>([
    ['a file', {}],
    ['a folder', { type: 'directory', path: 'usr/bin' }],
    ['setuid, setgid, sticky', { mode: 0o7755 }],
    ['a name of 100 bytes', { path: long(100) }],
    ['a name of 101 bytes (prefix)', { path: long(101) }],
    ['a name of 256 bytes', { path: long(256) }],
    ['a name of 300 bytes (pax)', { path: long(300) }],
    ['a long name without a slash', { path: 'x'.repeat(180) }],
    ['a long folder name', { path: `${long(240)}/d`, type: 'directory' }],
    ['a long name that is not UTF-8 (GNU)', { path: `${'\udcff'.repeat(150)}/f` }],
    ['a short name that is not UTF-8', { path: 'etc/\udce9t\udce9' }],
    ['a symbolic link', { type: 'symlink', linkName: '../lib/libc.so.6' }],
    ['a link to a long name', { type: 'symlink', linkName: long(200) }],
    ['a link to a long name that is not UTF-8', { type: 'symlink', linkName: '\udcfe'.repeat(120) }],
    ['a hard link', { type: 'hardlink', linkName: 'usr/bin/other' }],
    ['a large uid', { uid: 3_000_000, gid: 4_294_967_294 }],
    ['a time before 1970', { mtime: -86_400 }],
    ['a time after 2242', { mtime: 9_000_000_000 }],
    ['a device', { type: 'character', path: 'dev/null', deviceMajor: 1, deviceMinor: 3 }],
    ['a pipe', { type: 'fifo', path: 'run/pipe' }],
    [
      'a capability',
      { xattrs: { 'security.capability': Buffer.from('0100000200200000000000000000000000000000', 'hex') } },
    ],
    ['attributes with line ends', { xattrs: { 'user.a': Buffer.from('1\n2=3'), 'user.z': Buffer.alloc(0) } }],
  ])('%s', async (_what, change) => {
    const entry = { ...file, ...change };
    const [member] = await read(archive([{ entry }]), 100);
    expect(member?.entry).toEqual(entry);
  });

  it('any path, in pieces of any size', async () => {
    const path = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 400 })
      .filter((p) => !p.includes('\0') && !p.endsWith('/') && p.isWellFormed());
    await fc.assert(
      fc.asyncProperty(
        path,
        fc.uint8Array({ maxLength: 2000 }),
        fc.integer({ min: 1, max: 1500 }),
        async (p, content, size) => {
          const [member] = await read(archive([{ entry: { ...file, path: p }, content }]), size);
          expect(member?.entry.path).toBe(p);
          expect(member?.content).toEqual(Buffer.from(content));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('GNU tar lists what was written', () => {
    const bytes = archive([
      { entry: { ...file, path: long(300) }, content: Buffer.from('hello') },
      { entry: { ...file, path: 'etc/link', type: 'symlink', linkName: long(150) } },
    ]);
    const listing = execFileSync('tar', ['-tvf', '-'], { input: bytes, encoding: 'utf8' });
    expect(listing).toContain(long(300));
    expect(listing).toContain(`etc/link -> ${long(150)}`);
  });
});

describe('a reader', () => {
  it('skips a body that nobody reads', async () => {
    const seen = [];
    for await (const { entry } of readTar(
      pieces(archive([{ entry: file, content: Buffer.alloc(5000) }, { entry: { ...file, path: 'b' } }]), 700),
      't',
    ))
      seen.push(entry.path);
    expect(seen).toEqual(['usr/bin/app', 'b']);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut in a header', (b) => b.subarray(0, 300)],
    ['cut in a content', (b) => b.subarray(0, 700)],
    ['cut in the padding', (b) => b.subarray(0, 512 + 1010)],
    ['a wrong checksum', (b) => (b.writeUInt8(0x41, 3), b)],
    ['letters where a number belongs', (b) => rechecked(b, () => b.write('zzzzzzz', 124))],
    ['an unknown member type', (b) => rechecked(b, () => b.write('Q', 156))],
    ['a sparse file', (b) => rechecked(b, () => b.write('S', 156))],
    [
      'a size of 2^90',
      (b) =>
        rechecked(b, () => {
          b.set([0x80, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 124);
        }),
    ],
    ['a huge extension header', (b) => rechecked(b, () => (b.write('x', 156), b.write('77777777777', 124)))],
  ])('refuses %s', async (_what, damage) => {
    const bytes = archive([{ entry: file, content: Buffer.alloc(1000, 1) }]);
    await expect(read(damage(bytes))).rejects.toThrow(PithError);
  });

  it.each(['9 a=b\n', '999999 path=x\n', 'x path=y\n', '11 path=abc ', '12 size=abc\n'])(
    'refuses the pax record %j',
    async (record) => {
      const header = Buffer.from(encodeHeader({ ...file, size: Buffer.byteLength(record) }));
      header.write('x', 156);
      const bytes = Buffer.concat([
        rechecked(header, () => undefined),
        Buffer.from(record),
        Buffer.alloc(paddingOf(record.length)),
        archive([{ entry: file }]),
      ]);
      await expect(read(bytes)).rejects.toThrow(/pax record/);
    },
  );

  it('never hangs or throws anything but a PithError on random damage', async () => {
    const sound = archive([
      {
        entry: { ...file, path: 'x'.repeat(180), xattrs: { 'user.a': Buffer.from('b') } },
        content: Buffer.from('abc'),
      },
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: sound.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        async (at, value) => {
          const bytes = Buffer.from(sound);
          bytes[at] = value;
          try {
            await read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(PithError);
          }
        },
      ),
    );
  });
});

/** Applies a change to the first header and sets its checksum right. */
function rechecked(bytes: Buffer, change: () => unknown): Buffer {
  change();
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((a, b) => a + b, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}
