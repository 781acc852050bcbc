import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, shorten, shortenStart, showName, showText, widthOf } from './text.ts';

const UNICODE = { unicode: true };

describe('names', () => {
  it.each<[string, string, string]>([
    ['plain', 'a-b_c.so', 'a-b_c.so'],
    ['with blanks', 'a b', 'a b'],
    ['with a backslash', 'a\\x2db', 'a\\\\x2db'],
    ['with a line end', 'a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['with an escape sequence', '\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['with a C1 control', '\u009b31m', '\\u{9b}31m'],
    ['that change direction', 'gpj\u202etxt.exe', 'gpj\\u{202e}txt.exe'],
    ['with joiners', 'a\u200db', 'a\\u{200d}b'],
    ['that are not UTF-8', 'a\udcffb', 'a\\xffb'],
    ['with half a character', 'a\ud800', 'a\\u{d800}'],
    ['in other scripts', 'größe-日本', 'größe-日本'],
    ['with combining characters', 'e\u0301', 'e\u0301'],
    ['with too many of them', `e${'\u0301'.repeat(5)}`, `e${'\u0301'.repeat(3)}\\u{301}\\u{301}`],
    ['that begin with one', '\u0301a', '\\u{301}a'],
    ['that pick a form of a character', '\u2764\ufe0f', '\u2764\\u{fe0f}'],
  ])('%s', (_, name, shown) => {
    expect(showName(name, UNICODE)).toBe(shown);
  });

  it('are ASCII where the terminal knows nothing else', () => {
    expect(showName('größe', { unicode: false })).toBe('gr\\u{f6}\\u{df}e');
  });

  it('never hold what acts on a terminal, and always say what they are', () => {
    const name = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(name, name, fc.boolean(), (a, b, unicode) => {
        expect(showName(a, { unicode })).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(showName(a, { unicode }) === showName(b, { unicode })).toBe(a === b);
      }),
    );
  });

  it('are text without doubled backslashes in a file', () => {
    expect(showText('a\\n\x1b', UNICODE)).toBe('a\\n\\x1b');
  });
});

describe('widths', () => {
  it.each<[string, number]>([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['😀', 2],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it.each<[string, number, string, string]>([
    ['abcdef', 4, 'abc…', '…def'],
    ['abc', 3, 'abc', 'abc'],
    ['日本語', 5, '日本…', '…本語'],
    ['日本語', 4, '日…', '…語'],
    ['abc', 0, '', ''],
    ['abc', 1, '…', '…'],
  ])('of %j are kept to %i cells', (text, width, end, start) => {
    expect(shorten(text, width, UNICODE)).toBe(end);
    expect(shortenStart(text, width, UNICODE)).toBe(start);
  });

  it('are never exceeded, in the middle of no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (name, width) => {
        const text = showName(name, UNICODE);
        for (const part of [
          cut(text, width),
          shorten(text, width, UNICODE),
          shortenStart(text, width, UNICODE),
        ]) {
          expect(widthOf(part)).toBeLessThanOrEqual(width);
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});
