import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapedJson, escapeHtml, escapeName, escapeText } from './escape.ts';

describe('a name', () => {
  it.each([
    ['usr', 'usr'],
    ['ひらがな 1', 'ひらがな 1'],
    ['line\nend', 'line\\x0aend'],
    ['\u001b[31m', '\\x1b[31m'],
    ['right\u202eto left', 'right\\u{202e}to left'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['\u2028', '\\u{2028}'],
    ['\ufeff', '\\u{feff}'],
    ['\ud800', '\\u{d800}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['dev\\x2ddisk', 'dev\\\\x2ddisk'],
    ['a\udcff\udc80', 'a\\xff\\x80'],
    ['é', 'é'],
  ])('%j is shown as %j', (name, shown) => {
    expect(escapeName(name)).toBe(shown);
  });

  it('stays another one than any other name', () => {
    const name = fc.string({
      unit: fc.constantFrom('\\', 'x', '0', 'a', '\n', '\udc80', 'u', '{', '}', '\u200b'),
    });
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(escapeName(a) === escapeName(b)).toBe(a === b);
      }),
    );
  });
});

it('text keeps its lines, and nothing that acts', () => {
  expect(escapeText('a\n\tb\u0007\\x')).toBe('a\n\tb\\x07\\x');
});

describe('JSON for a page', () => {
  const anything = fc.string({
    unit: fc.oneof(
      fc.constantFrom('<', '>', '&', '"', "'", '/', '!', '-', '\u2028', '\u2029', '\0', '\r'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  });

  it('has nothing that ends an element or cannot be seen, and reads as the escaped text', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const json = escapedJson({ text });
        expect(json).not.toMatch(/[<>&\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(JSON.parse(json)).toEqual({ text: escapeText(text) });
      }),
    );
  });

  it('of HTML has no mark-up', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});
