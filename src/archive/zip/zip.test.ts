import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PithError } from '../../core/index.ts';
import { rejectionOf } from '../../testing/thrown.ts';
import { makeZip, type TestMember, type TestZip } from '../../testing/zip.ts';
import { openZip, type ZipArchive } from './archive.ts';

function open(bytes: Uint8Array): Promise<ZipArchive> {
  const read = ({ start, length }: { start: number; length: number }): Promise<Uint8Array> =>
    Promise.resolve(bytes.subarray(start, start + length));
  return openZip(read, bytes.length, 'app.jar');
}

async function contentsOf(bytes: Uint8Array): Promise<Record<string, string>> {
  const zip = await open(bytes);
  const contents: Record<string, string> = {};
  for (const name of zip.members.keys()) contents[name] = Buffer.from(await zip.read(name)).toString();
  return contents;
}

const TWO = { 'a.txt': 'first', 'b/c.txt': 'second '.repeat(100) };

describe('a zip archive', () => {
  it.each<[string, TestZip, Partial<TestMember>]>([
    ['of deflated members', {}, {}],
    ['of stored members', {}, { isStored: true }],
    ['with data descriptors', {}, { hasDescriptor: true }],
    ['with extra fields in its local headers', {}, { localExtra: Buffer.alloc(300) }],
    ['with a comment', { comment: 'built by hand' }, {}],
    ['with a start script before it', { prefix: Buffer.from('#!/bin/sh\nexec java -jar "$0"\n') }, {}],
    ['with a prefix that its offsets count', { prefix: Buffer.alloc(100_000), isAdjusted: true }, {}],
    ['in zip64 form', { isZip64: true }, { isZip64: true }],
    ['in zip64 form with a prefix', { isZip64: true, prefix: Buffer.alloc(77) }, { isZip64: true }],
    ['with zip64 members alone', {}, { isZip64: true }],
  ])('%s is read', async (_what, zip, member) => {
    const members = Object.entries(TWO).map(([name, content]) => ({ name, content, ...member }));
    expect(await contentsOf(makeZip(members, zip))).toEqual(TWO);
  });

  it('says of each member what the directory says', async () => {
    const zip = await open(makeZip([{ name: 'run', content: 'x', mode: 0o100755 }, { name: 'folder/' }]));
    expect([...zip.members.values()]).toMatchObject([
      { name: 'run', size: 1, mode: 0o755, isLink: false, isEncrypted: false },
      { name: 'folder/', size: 0 },
    ]);
  });

  it('has nothing in it', async () => {
    expect(await contentsOf(makeZip({}))).toEqual({});
  });

  it('gives back what was put in, whatever that is', async () => {
    const name = fc.stringMatching(/^[a-zà-ÿ0-9 _$-]{1,12}(\/[a-z]{1,5}){0,2}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, fc.string({ maxLength: 3000 })),
        fc.boolean(),
        async (contents, isStored) => {
          const members = Object.entries(contents).map(([key, content]) => ({
            name: key,
            content,
            isStored,
          }));
          expect(await contentsOf(makeZip(members))).toEqual({ ...contents });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is looked at without being read whole', async () => {
    const content = Buffer.concat([Buffer.from('head'), Buffer.alloc(1 << 20, 7)]);
    const zip = await open(
      makeZip([
        { name: 'deflated', content },
        { name: 'stored', content, isStored: true },
      ]),
    );
    for (const name of ['deflated', 'stored'])
      expect(Buffer.from((await zip.peek(name)).subarray(0, 4)).toString()).toBe('head');
  });

  it('may be a member of another one', async () => {
    const inner = makeZip(TWO);
    const zip = await open(
      makeZip([
        { name: 'x', content: 'y' },
        { name: 'lib.jar', content: inner, isStored: true },
      ]),
    );
    const { start, size } = await zip.locate('lib.jar');
    const nested = await openZip((range) => zip.readRange(start, size, range), size, 'lib.jar');
    expect(Buffer.from(await nested.read('a.txt')).toString()).toBe('first');
  });

  it('may have a member twice if both are the same', async () => {
    const same = { name: 'a', content: 'same' };
    expect(await contentsOf(makeZip([same, same]))).toEqual({ a: 'same' });
  });
});

describe('what is not opened', () => {
  const sound = makeZip(TWO);
  it.each<[string, Uint8Array, string, RegExp]>([
    ['an empty file', Buffer.alloc(0), 'ARCHIVE_INVALID', /no zip archive/],
    ['another file', Buffer.alloc(100_000, 'PK\x05\x06'), 'ARCHIVE_INVALID', /no zip archive|cut off/],
    ['one that is cut off at its end', sound.subarray(0, -1), 'ARCHIVE_INVALID', /no zip archive/],
    ['one that is cut off at its start', sound.subarray(20), 'ARCHIVE_INVALID', /does not lie in it/],
    [
      'one with bytes behind it',
      Buffer.concat([sound, Buffer.alloc(1)]),
      'ARCHIVE_INVALID',
      /no zip archive/,
    ],
    ['more members than there are', makeZip(TWO, { count: 3 }), 'ARCHIVE_INVALID', /2 members, not 3/],
    ['fewer members than there are', makeZip(TWO, { count: 1 }), 'ARCHIVE_INVALID', /2 members, not 1/],
    ['one part of several', makeZip(TWO, { disk: 1 }), 'ARCHIVE_UNSUPPORTED', /one part/],
    ['a zip64 part of several', makeZip(TWO, { disk: 1, isZip64: true }), 'ARCHIVE_UNSUPPORTED', /one part/],
  ])('%s', async (_what, bytes, code, message) => {
    expect(await rejectionOf(open(bytes))).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['../a', 'a/../b', '/etc/passwd', './a', 'a//b', 'a\0b', '', '..'])(
    'one with the name %j',
    async (name) => {
      expect(await rejectionOf(open(makeZip([{ name, content: 'x' }])))).toMatchObject({
        code: 'ARCHIVE_UNSAFE',
      });
    },
  );

  it('one with a name that is not UTF-8', async () => {
    const error = await rejectionOf(open(makeZip([{ name: Buffer.from([0x61, 0xff]) }])));
    expect(error).toMatchObject({
      code: 'ARCHIVE_UNSUPPORTED',
      message: 'app.jar: the name "aÿ" is not UTF-8',
    });
  });

  it('members that share bytes', async () => {
    const content = 'x'.repeat(500);
    const members = ['a', 'b', 'c'].map((name) => ({ name, content, offset: 0 }));
    expect(await rejectionOf(open(makeZip(members)))).toMatchObject({ code: 'ARCHIVE_UNSAFE' });
  });

  it('a member that reaches into the directory', async () => {
    const bytes = makeZip([{ name: 'a', content: 'x', isStored: true, size: 40, compressedSize: 40 }]);
    expect(await rejectionOf(open(bytes))).toMatchObject({ code: 'ARCHIVE_UNSAFE' });
  });

  it.each([
    ['more than deflate can', { name: 'a', content: 'x', size: 1 << 30 }],
    ['something from nothing', { name: 'a', content: '', isStored: true, size: 1 }],
  ])('a member that claims %s', async (_what, member) => {
    expect(await rejectionOf(open(makeZip([member])))).toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
  });

  it('a zip64 member without its sizes', async () => {
    const bytes = makeZip([{ name: 'a', content: 'x', size: 0xffffffff }]);
    expect(await rejectionOf(open(bytes))).toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  it('anything at all that is no archive: it fails in order', async () => {
    const mutation = fc.record({ at: fc.nat(sound.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
        const bytes = Buffer.from(sound);
        for (const { at, value } of mutations) bytes[at] = value;
        const result = await contentsOf(bytes).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(PithError);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a member that is not read', () => {
  const big = 'y'.repeat(2000);
  it.each<[string, TestMember, string]>([
    ['is encrypted', { name: 'a', content: 'x', flags: 1 }, 'ARCHIVE_UNSUPPORTED'],
    ['is strongly encrypted', { name: 'a', content: 'x', flags: 0x41 }, 'ARCHIVE_UNSUPPORTED'],
    ['is packed in another way', { name: 'a', content: 'x', method: 93 }, 'ARCHIVE_UNSUPPORTED'],
    ['is a link', { name: 'a', content: '/etc/passwd', mode: 0o120777 }, 'ARCHIVE_UNSUPPORTED'],
    ['has another checksum', { name: 'a', content: 'x', crc32: 1 }, 'ARCHIVE_INVALID'],
    [
      'has another checksum, stored',
      { name: 'a', content: 'x', crc32: 1, isStored: true },
      'ARCHIVE_INVALID',
    ],
    ['is larger than it says', { name: 'a', content: big, size: 1000 }, 'ARCHIVE_INVALID'],
    ['is empty, it says', { name: 'a', content: big, size: 0 }, 'ARCHIVE_INVALID'],
    ['is smaller than it says', { name: 'a', content: big, size: 3000 }, 'ARCHIVE_INVALID'],
    ['is cut off', { name: 'a', content: big, compressedSize: 5 }, 'ARCHIVE_INVALID'],
    ['has two sizes, stored', { name: 'a', content: 'xx', size: 1, isStored: true }, 'ARCHIVE_INVALID'],
    ['has another name where it lies', { name: 'a', content: 'x', localName: 'b' }, 'ARCHIVE_INVALID'],
    ['has a longer name where it lies', { name: 'a', content: 'x', localName: 'ab' }, 'ARCHIVE_INVALID'],
  ])('%s', async (_what, member, code) => {
    const zip = await open(makeZip([member, { name: 'z', content: 'sound' }]));
    const error = await rejectionOf(zip.read('a'));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain('app.jar: a');
    expect(Buffer.from(await zip.read('z')).toString()).toBe('sound');
  });

  it('is not there', async () => {
    const zip = await open(makeZip(TWO));
    expect(await rejectionOf(zip.read('nothing'))).toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  it('is larger than it may be', async () => {
    const zip = await open(makeZip({ a: big }));
    expect(await rejectionOf(zip.read('a', 1999))).toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
    expect(await zip.read('a', 2000)).toHaveLength(2000);
  });

  it('is there twice, and not the same', async () => {
    const zip = await open(
      makeZip([
        { name: 'a', content: 'one' },
        { name: 'a', content: 'two' },
      ]),
    );
    expect(await rejectionOf(zip.read('a'))).toMatchObject({ code: 'ARCHIVE_UNSAFE' });
  });
});
