import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Needles, PassingTexts } from './needles.ts';

function search(texts: readonly string[], bytes: Uint8Array): [string, number][] {
  const found: [string, number][] = [];
  new Needles(texts).search(bytes, (needle, at) => void found.push([texts[needle] ?? '', at]));
  return found;
}

function byIndexOf(texts: readonly string[], bytes: Buffer): [string, number][] {
  return texts.flatMap((text) => {
    const places: [string, number][] = [];
    for (let at = bytes.indexOf(text, 0, 'latin1'); at >= 0; at = bytes.indexOf(text, at + 1, 'latin1'))
      places.push([text, at]);
    return places;
  });
}

const order = (found: [string, number][]): string[] => found.map(([text, at]) => `${at} ${text}`).sort();

describe('many texts at once', () => {
  it('are found wherever they stand, one in another too', () => {
    const bytes = Buffer.from('xabcabcdabcdeY\0Zabc');
    expect(order(search(['abc', 'abcd', 'Y\0Z', 'none'], bytes))).toEqual(
      ['1 abc', '4 abc', '4 abcd', '8 abc', '8 abcd', '13 Y\0Z', '16 abc'].sort(),
    );
  });

  it('are those that a search one by one finds', () => {
    const letters = fc.constantFrom('a', 'b', 'c', '\0');
    const text = fc.string({ unit: letters, minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.uniqueArray(text, { minLength: 1, maxLength: 6 }),
        fc.string({ unit: letters, maxLength: 200 }),
        (texts, content) => {
          const bytes = Buffer.from(content, 'latin1');
          expect(order(search(texts, bytes))).toEqual(order(byIndexOf(texts, bytes)));
        },
      ),
    );
  });

  it('are found in a stream, however it is cut', () => {
    const letters = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: letters, minLength: 3, maxLength: 8 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.string({ unit: letters, maxLength: 12 }), { maxLength: 20 }),
        (texts, pieces) => {
          const passing = new PassingTexts(new Needles(texts));
          for (const piece of pieces) passing.write(Buffer.from(piece));
          expect([...passing.found].sort()).toEqual(
            texts.filter((text) => pieces.join('').includes(text)).sort(),
          );
        },
      ),
    );
  });

  it('are not found across a gap', () => {
    const passing = new PassingTexts(new Needles(['needle']));
    passing.write(Buffer.from('nee'));
    passing.interrupt();
    passing.write(Buffer.from('dle'));
    expect(passing.found.size).toBe(0);
  });
});
