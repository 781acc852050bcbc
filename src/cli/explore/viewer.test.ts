import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { find, foundLine, isText, lineAt, lineCount, openViewer, switchForm, type Viewer } from './viewer.ts';

function open(content: string | Uint8Array): Viewer {
  return openViewer(1, Buffer.from(content as string));
}

function linesOf(viewer: Viewer): string[] {
  return Array.from({ length: lineCount(viewer) }, (_, at) => lineAt(viewer, at));
}

describe('content', () => {
  it.each<[string, string | Uint8Array, boolean]>([
    ['nothing', '', true],
    ['words', 'hello\n', true],
    ['other scripts', 'größe 日本\n', true],
    ['colours for a terminal', '\x1b[31mred\x1b[0m', true],
    ['a NUL', 'a\0b', false],
    ['many controls', '\x01\x02\x03abc', false],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01\0\0'), false],
  ])('is text or not: %s', (_, content, expected) => {
    expect(isText(Buffer.from(content as string))).toBe(expected);
    expect(open(content).form).toBe(expected ? 'text' : 'hex');
  });

  it.each<[string, string[]]>([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\r\nb', ['a', 'b']],
    ['a\tb\n\tc', ['a       b', '        c']],
  ])('%j has the lines %j', (content, lines) => {
    expect(linesOf(open(content))).toEqual(lines);
  });

  it('that is one long line has several, which together are the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('ä', '日', 'x', '😀'), { minLength: 3000, maxLength: 6000 }),
        (characters) => {
          const text = characters.join('');
          const lines = linesOf(open(text));
          expect(lines.join('')).toBe(text);
          expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThan(4100);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('in hex has offset, bytes and characters', () => {
    expect(linesOf(switchForm(open('0123456789abcdef!\n')))).toEqual([
      '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef',
      `00000010  21 0a${' '.repeat(45)}!.`,
    ]);
  });

  it('stays at its place in the other form', () => {
    const text = open('line\n'.repeat(100));
    const hex = switchForm({ ...text, top: 50 });
    expect(hex.top).toBe(Math.floor(250 / 16));
    expect(switchForm(hex).top).toBe(48);
  });
});

describe('a search in the content', () => {
  const viewer = open('one\ntwo\nthree two\nfour\n');

  it('goes on from match to match and begins again', () => {
    const lines: (number | undefined)[] = [];
    let at: Viewer = viewer;
    for (let step = 0; step < 3; step++) {
      at = find(at, 'two', 1) ?? at;
      lines.push(foundLine(at));
    }
    expect(lines).toEqual([1, 2, 1]);
  });

  it('goes back', () => {
    const last = find(viewer, 'two', -1);
    expect(last && foundLine(last)).toBe(2);
    expect(last && foundLine(find(last, 'two', -1) ?? last)).toBe(1);
  });

  it('finds what begins the text', () => {
    expect(find(viewer, 'one', 1)).toMatchObject({ found: 0, top: 0 });
  });

  it('says so if there is nothing', () => {
    expect(find(viewer, 'five', 1)).toBeUndefined();
  });
});
