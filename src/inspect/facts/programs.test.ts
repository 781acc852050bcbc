import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeElf, type TestElf } from '../../testing/elf.ts';
import type { Fact } from '../facts.ts';
import { readFacts } from './fixtures.ts';
import { programReader } from './programs.ts';
import { SIGNATURES } from './tool-signatures.ts';

const PROGRAM: TestElf = { interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] };

/** An ELF file with texts in it. */
function withTexts(elf: TestElf, ...texts: string[]): Buffer {
  const bytes = makeElf({ ...elf, code: 1000 });
  bytes.write(texts.join('\0'), bytes.indexOf(Buffer.alloc(1000, 0x90)) + 10, 'latin1');
  return bytes;
}

function ofKind<Kind extends Fact['kind']>(
  facts: readonly Fact[],
  kind: Kind,
): Extract<Fact, { kind: Kind }>[] {
  return facts.filter((fact) => fact.kind === kind) as Extract<Fact, { kind: Kind }>[];
}

describe('a program', () => {
  it.each(
    SIGNATURES.flatMap(({ tool, category, text }) =>
      text === undefined ? [] : ([[tool, text, category]] as const),
    ),
  )('is %s by its text %j, whatever it is called and however it comes', async (tool, text, category) => {
    const bytes = withTexts(PROGRAM, 'x', text, 'y');
    for (const pieces of [17, 1 << 16])
      expect(ofKind(await readFacts(programReader, 'app/server', bytes, { pieces }), 'tool')).toEqual([
        { kind: 'tool', category, tool },
      ]);
  });

  it.each([
    ['apt', 'libapt-private.so.0.0'],
    ['apk', 'libapk.so.2.14.0'],
    ['pacman', 'libalpm.so.13'],
  ])('is %s by the library that it needs', async (tool, library) => {
    const bytes = makeElf({ ...PROGRAM, needed: [library] });
    expect(ofKind(await readFacts(programReader, 'x', bytes), 'tool')).toMatchObject([{ tool }]);
  });

  it('with texts of several is the one that brings them all', async () => {
    const texts = ["can't access tty; job control turned off", ' (multi-call binary)'];
    expect(ofKind(await readFacts(programReader, 'x', withTexts(PROGRAM, ...texts)), 'tool')).toMatchObject([
      { tool: 'busybox' },
    ]);
  });

  it('is no tool by its name, and a library or a text by nothing', async () => {
    expect(ofKind(await readFacts(programReader, 'bin/bash', withTexts(PROGRAM, 'x')), 'tool')).toEqual([]);
    const library = withTexts({ soname: 'libx.so.1' }, 'BASH_EXECUTION_STRING', '/usr/share/zoneinfo');
    for (const path of ['usr/lib/libx.so.1', 'x'])
      expect(
        (await readFacts(programReader, path, library, { mode: 0o755 })).map(({ kind }) => kind),
      ).toEqual(['elf']);
    expect(await readFacts(programReader, 'x', 'BASH_EXECUTION_STRING')).toEqual([]);
  });
});

describe('what a program wishes for', () => {
  it.each<[string, TestElf, string[], string[]]>([
    [
      'certificates, as it needs a library that speaks TLS',
      { ...PROGRAM, needed: ['libssl.so.3'] },
      [],
      ['certificates'],
    ],
    [
      'certificates, as it names their file',
      PROGRAM,
      ['/etc/ssl/certs/ca-certificates.crt'],
      ['certificates'],
    ],
    [
      'certificates, as it names their variable',
      { isStatic: true, type: 2 },
      ['SSL_CERT_FILE'],
      ['certificates'],
    ],
    ['time zones', PROGRAM, ['/usr/share/zoneinfo'], ['time-zones']],
    [
      'time zones, as it calls the function of Go',
      PROGRAM,
      ['\xff Go buildinf:', 'time.LoadLocation\0'],
      ['time-zones'],
    ],
    [
      'none, as every program of Go names them',
      PROGRAM,
      ['\xff Go buildinf:', 'time.LoadLocationFromTZData\0', '/usr/share/zoneinfo'],
      [],
    ],
    [
      'none, as they are in it',
      PROGRAM,
      ['\xff Go buildinf:', 'time.LoadLocation\0', 'time/tzdata.init'],
      [],
    ],
    ['nothing', PROGRAM, ['x'], []],
  ])('%s', async (_what, elf, texts, expected) => {
    const found = ofKind(await readFacts(programReader, 'app', withTexts(elf, ...texts)), 'wishes');
    expect(found.flatMap(({ wishes }) => wishes)).toEqual(expected);
  });
});

describe('damaged and hostile programs', () => {
  it('give no facts where they are cut', async () => {
    const bytes = withTexts(PROGRAM, 'BASH_EXECUTION_STRING');
    for (let size = 0; size < bytes.length - 200; size += 61)
      expect(await readFacts(programReader, 'x', bytes.subarray(0, size))).toEqual([]);
  });

  it('never throw, and never give much', async () => {
    const original = withTexts({ ...PROGRAM, soname: 'x' }, 'BASH_EXECUTION_STRING');
    const change = fc.tuple(
      fc.nat(original.length - 1),
      fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff),
      fc.integer({ min: 1, max: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 10 }),
        fc.integer({ min: 1, max: 900 }),
        async (changes, pieces) => {
          const bytes = Buffer.from(original);
          for (const [at, value, length] of changes)
            bytes.fill(value, at, Math.min(at + length, bytes.length));
          expect(JSON.stringify(await readFacts(programReader, 'x', bytes, { pieces })).length).toBeLessThan(
            1 << 20,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
