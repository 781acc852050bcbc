import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStanzas, wordsOf } from './deb822.ts';

const options = { origin: 'control', code: 'ARCHIVE_INVALID' } as const;
const parse = (text: string): Record<string, string>[] =>
  parseStanzas(text, options).map((stanza) => Object.fromEntries(stanza));

describe('parseStanzas', () => {
  it.each([
    ['one field', 'Package: a\n', [{ package: 'a' }]],
    ['no line end', 'Package: a', [{ package: 'a' }]],
    ['nothing', '', []],
    ['only empty lines', '\n \n\t\n', []],
    ['names without case', 'PACKAGE: a', [{ package: 'a' }]],
    ['white space around a value', 'A:\t  b  \n', [{ a: 'b' }]],
    ['no white space before a value', 'A:b', [{ a: 'b' }]],
    ['a colon in a value', 'A: b: c', [{ a: 'b: c' }]],
    ['an empty value', 'A:\nB: c', [{ a: '', b: 'c' }]],
    ['a folded value', 'A: b,\n c,\n\td', [{ a: 'b,\nc,\nd' }]],
    ['a text with empty lines', 'D: short\n long\n .\n  deep', [{ d: 'short\nlong\n.\n deep' }]],
    ['two stanzas', 'A: 1\n\n\nA: 2\n', [{ a: '1' }, { a: '2' }]],
    ['a stanza parted by white space', 'A: 1\n \nA: 2\n', [{ a: '1' }, { a: '2' }]],
    ['lines that end in CR LF', 'A: 1\r\nB: 2\r\n\r\nC: 3\r\n', [{ a: '1', b: '2' }, { c: '3' }]],
    ['letters beyond ASCII', 'Maintainer: Müller 漢', [{ maintainer: 'Müller 漢' }]],
  ])('reads %s', (_what, text, stanzas) => {
    expect(parse(text)).toEqual(stanzas);
  });

  it.each([
    ['a line without a colon', 'A: 1\nnonsense\n', /line 2: no field/],
    ['a continuation of nothing', ' A: 1\n', /line 1: a continuation/],
    ['a continuation after the end of a stanza', 'A: 1\n\n b\n', /line 3: a continuation/],
    ['a field twice', 'A: 1\na: 2\n', /line 2: the field a appears twice/],
    ['an empty name', ': 1', /no field/],
    ['a name with a space', 'A B: 1', /no field/],
    ['a name that begins with a dash', '-A: 1', /no field/],
    ['a comment where none may be', '# A: 1', /no field/],
    ['a NUL', 'A: 1\0', /control character/],
    ['an escape sequence', 'A: \u001b[31m', /control character/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'ARCHIVE_INVALID' }) as Error);
    expect(() => parse(text)).toThrow(message);
  });

  it('skips comments where they are allowed, also inside a folded value', () => {
    const [stanza] = parseStanzas('# c\nA: 1\n# d\n 2\n', { ...options, comments: true });
    expect(stanza?.get('a')).toBe('1\n2');
  });

  it('does not take a name from the prototype of objects for a field', () => {
    const [stanza] = parseStanzas('__proto__: x\nconstructor: y\n', options);
    expect([...(stanza ?? [])]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it('reads back what was written', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/).map((text) => text.toLowerCase());
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    const stanza = fc.dictionary(name, value, { minKeys: 1, noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(stanza, { maxLength: 4 }), (stanzas) => {
        const lines = (fields: Record<string, string>): string =>
          Object.entries(fields)
            .map(([key, text]) => `${key}: ${text}\n`)
            .join('');
        expect(parse(stanzas.map(lines).join('\n'))).toEqual(stanzas);
      }),
    );
  });

  it('throws only its own errors, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ARCHIVE_INVALID' });
        }
      }),
    );
  });
});

describe('wordsOf', () => {
  it('splits at any white space', () => {
    const [stanza] = parseStanzas('A: b  c\n d\n', options);
    expect(stanza && wordsOf(stanza, 'a')).toEqual(['b', 'c', 'd']);
    expect(stanza && wordsOf(stanza, 'b')).toEqual([]);
  });
});
