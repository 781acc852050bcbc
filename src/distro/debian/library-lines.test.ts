import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_LINE, readLibraryLines } from './library-lines.ts';

/** The lines that are found in a text that comes in pieces of these sizes, again and again. */
async function linesOf(text: string, sizes: readonly number[] = [text.length + 1]): Promise<string[]> {
  const bytes = Buffer.from(text, 'latin1');
  const lines: string[] = [];
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1;
      yield await Promise.resolve(bytes.subarray(at, at + size));
      at += size;
    }
  }
  await readLibraryLines(pieces(), (line) => lines.push(line));
  return lines;
}

const LIBRARY = 'usr/lib/x86_64-linux-gnu/libpq.so.5                     libs/libpq5';

describe('readLibraryLines', () => {
  it.each([
    ['a library', LIBRARY, true],
    ['one of an archive with folders apart', 'lib/ld-linux.so.2 libs/libc6', true],
    ['bytes that are no text', 'usr/lib/\xe9\xff.so \xfe', true],
    ['another file of the folder', 'usr/lib/os-release admin/base-files', false],
    ['a library elsewhere', 'usr/share/lib/libpq.so.5 libs/libpq5', false],
    ['a folder of a like name', 'usr/lib32/libc.so.6 libs/libc6-i386', false],
    ['a path from the root', '/usr/lib/libpq.so.5 libs/libpq5', false],
    ['a line that is shorter than the folder', 'u.so', false],
    ['nothing', '', false],
  ])('looks at the beginning and the ending alone: %s', async (_what, line, isFound) => {
    expect(await linesOf(`bin admin/base-files\n${line}\nboot x/y\n`)).toEqual(isFound ? [line] : []);
    expect(await linesOf(line)).toEqual(isFound ? [line] : []);
  });

  it('gives a line once, however often the mark is in it', async () => {
    expect(await linesOf('lib/a.so.so.so x/y.so\nlib/b.so x\n')).toEqual([
      'lib/a.so.so.so x/y.so',
      'lib/b.so x',
    ]);
  });

  it('passes over a line that is too long, whole or in pieces, and goes on behind it', async () => {
    const fill = (length: number): string => `lib/${'a'.repeat(length - 7)}.so`;
    for (const sizes of [[1 << 20], [1000], [LONGEST_LINE], [LONGEST_LINE + 1], [1]])
      expect(
        await linesOf(
          `${fill(LONGEST_LINE + 1)}\n${LIBRARY}\n${fill(LONGEST_LINE + 1)}\n${fill(LONGEST_LINE)}\n${fill(100_000)}`,
          sizes,
        ),
      ).toEqual([LIBRARY, fill(LONGEST_LINE)]);
  });

  it('finds the same wherever the pieces end', async () => {
    const line = fc.stringMatching(/^(?:usr\/|u|\/)?(?:lib\/|li)[a.so/ \t\xff]{0,12}(?:\.so)?[.a ]{0,4}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.constantFrom('', '\n', '\n\n'),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (lines, end, sizes) => {
          const wanted = lines.filter((each) => /^(?:usr\/)?lib\//.test(each) && each.includes('.so'));
          expect(await linesOf(`${lines.join('\n')}${end}`, sizes)).toEqual(wanted);
        },
      ),
    );
  });
});
