import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeName, safeJson } from './escape-name.ts';

/** The reverse, as a reader of the output would write it. */
function readEscapes(text: string): string {
  return text.replace(
    /\\(?:([\\nrt])|x([0-9a-f]{2})|u\{([0-9a-f]+)\})/g,
    (_, letter?: string, byte?: string, point?: string) => {
      if (letter !== undefined) return { n: '\n', r: '\r', t: '\t' }[letter] ?? '\\';
      if (point !== undefined) return String.fromCodePoint(parseInt(point, 16));
      const code = parseInt(byte ?? '', 16);
      return String.fromCharCode(code >= 0x80 ? code + 0xdc00 : code);
    },
  );
}

describe('a name that is shown', () => {
  it.each([
    ['usr/bin/äöü 漢字 🙂', 'usr/bin/äöü 漢字 🙂'],
    ['two\nlines\ttab', 'two\\nlines\\ttab'],
    ['\x1b[31mred\x07', '\\x1b[31mred\\x07'],
    ['C1 \x9b31m', 'C1 \\u{9b}31m'],
    ['back\\slash', 'back\\\\slash'],
    ['evil\u202egnp.exe', 'evil\\u{202e}gnp.exe'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['latin1 \udce9', 'latin1 \\xe9'],
    ['lone \ud800', 'lone \\u{d800}'],
  ])('%j is %j', (name, shown) => {
    expect(escapeName(name)).toBe(shown);
  });

  it('can be read back, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(readEscapes(escapeName(name))).toBe(name);
        expect(escapeName(name)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
    const parts = fc.array(fc.constantFrom('\\', 'x1b', '\x1b', '\udcff', 'n', '\n', 'u{9b}', '\x9b'));
    fc.assert(
      fc.property(parts, (some) => {
        expect(readEscapes(escapeName(some.join('')))).toBe(some.join(''));
      }),
    );
  });
});

describe('JSON that is shown', () => {
  it('is the same value without what acts on a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = safeJson({ [text]: [text] }, 2);
        expect(JSON.parse(json)).toEqual({ [text]: [text] });
        expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });
});
