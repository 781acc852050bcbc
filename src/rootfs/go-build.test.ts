import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeElf } from '../testing/elf.ts';
import { withSections } from '../testing/elf-sections.ts';
import { openElf } from './elf-file.ts';
import { type GoBuild, readGoBuild } from './go-build.ts';

/** What Go puts around the list of modules: bytes that are no text. */
const START = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const END = Buffer.from('f932433186182072008242104116d8f2', 'hex');

const MODULES = [
  'path\tgithub.com/acme/server/cmd/server',
  'mod\tgithub.com/acme/server\tv1.2.3\th1:abc=',
  'dep\tgolang.org/x/net\tv0.1.0\th1:def=',
  'dep\texample.com/höhe\tv0.0.1',
  '=>\texample.com/fork\tv0.0.2\th1:ghi=',
  'build\t-compiler=gc',
  'build\t-ldflags="-X \\"a=b\\""',
  'build\tCGO_ENABLED=0',
  'build\tvcs.revision=0123456789abcdef',
  '',
].join('\n');
const marked = Buffer.concat([START, Buffer.from(MODULES), END]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function inline(version: string, modules: Uint8Array): Buffer {
  const head = Buffer.alloc(32);
  head.write('\xff Go buildinf:\x08\x02', 'latin1');
  return Buffer.concat([head, varint(version.length), Buffer.from(version), varint(modules.length), modules]);
}

async function read(elf: Uint8Array): Promise<GoBuild | undefined> {
  const file = await openElf(elf.length, (start, length) =>
    Promise.resolve(elf.subarray(start, start + length)),
  );
  return file && readGoBuild(file);
}

const expected = {
  version: 'go1.26.8',
  module: { path: 'github.com/acme/server', version: 'v1.2.3' },
  dependencies: [
    { path: 'golang.org/x/net', version: 'v0.1.0' },
    {
      path: 'example.com/fork',
      version: 'v0.0.2',
      replaces: { path: 'example.com/höhe', version: 'v0.0.1' },
    },
  ],
  settings: new Map([
    ['-compiler', 'gc'],
    ['-ldflags', '-X "a=b"'],
    ['CGO_ENABLED', '0'],
    ['vcs.revision', '0123456789abcdef'],
  ]),
};

describe("Go's build information", () => {
  it('of Go 1.18 and later stands in its section', async () => {
    expect(await read(withSections(makeElf(), { '.go.buildinfo': inline('go1.26.8', marked) }))).toEqual(
      expected,
    );
  });

  it.each(['64 little', '64 big', '32 little', '32 big'])(
    'before Go 1.18 is pointed to (%s)',
    async (kind) => {
      const isWide = kind.startsWith('64');
      const isBig = kind.endsWith('big');
      const elf = { class: isWide ? 64 : 32, endianness: isBig ? 'big' : 'little', isStatic: true } as const;
      const bytes = makeElf({ ...elf, code: 4096 });
      const start = bytes.indexOf(Buffer.alloc(64, 0x90));
      const block = start + 16 - (start % 16);
      const address = (at: number, value: number): void => {
        const number = Buffer.alloc(isWide ? 8 : 4);
        number.writeUInt32LE(value);
        bytes.set(isBig ? number.reverse() : number, at);
      };
      const width = isWide ? 8 : 4;
      const texts = [Buffer.from('go1.16.3'), marked];
      let place = block + 128;
      bytes.write(`\xff Go buildinf:${String.fromCharCode(width, isBig ? 1 : 0)}`, block, 'latin1');
      for (const [index, text] of texts.entries()) {
        const header = block + 64 + index * 2 * width;
        address(block + 16 + index * width, 0x10000 + header);
        address(header, 0x10000 + place);
        address(header + width, text.length);
        bytes.set(text, place);
        place += text.length;
      }
      expect(await read(bytes)).toMatchObject({ version: 'go1.16.3', module: expected.module });
    },
  );

  it('is found without sections', async () => {
    const elf = makeElf({ isStatic: true, code: 4096 });
    const start = elf.indexOf(Buffer.alloc(64, 0x90));
    elf.set(inline('go1.26.8', marked), start + 16 - (start % 16));
    expect((await read(elf))?.dependencies).toEqual(expected.dependencies);
  });

  it('may name no module, as programs of Bazel and GOPATH do', async () => {
    const build = await read(withSections(makeElf(), { '.go.buildinfo': inline('go1.24', Buffer.alloc(0)) }));
    expect(build).toEqual({ version: 'go1.24', dependencies: [], settings: new Map() });
  });

  it.each<[string, Uint8Array]>([
    ['no block', Buffer.alloc(64)],
    ['a block that ends early', inline('go1.26.8', marked).subarray(0, 40)],
    ['a version that is none', inline('rust', marked)],
    [
      'a length without an end',
      Buffer.concat([inline('', Buffer.alloc(0)).subarray(0, 32), Buffer.alloc(9, 0xff)]),
    ],
    [
      'pointers to nowhere',
      Buffer.concat([Buffer.from('\xff Go buildinf:\x08\0', 'latin1'), Buffer.alloc(16, 0x7f)]),
    ],
  ])('is absent: %s', async (_title, block) => {
    expect(await read(withSections(makeElf(), { '.go.buildinfo': block }))).toBeUndefined();
  });

  it('never throws, whatever bytes are there', async () => {
    const good = withSections(makeElf({ code: 64 }), { '.go.buildinfo': inline('go1.26.8', marked) });
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 8 }), fc.nat(good.length), async (changes, end) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        await read(bytes.subarray(0, end === 0 ? bytes.length : end));
      }),
    );
  });
});
