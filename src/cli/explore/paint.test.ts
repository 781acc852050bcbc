import { describe, expect, it } from 'vitest';
import { hasColour, hasUnicode } from './locale.ts';
import { paintChanges, paintLine } from './paint.ts';
import { span } from './screen.ts';

describe('a line', () => {
  it('is painted in colours, or without', () => {
    const line = [span('a '), span('new', 'added'), { ...span('row'), mark: 'selected' } as const];
    expect(paintLine(line, { colour: true })).toBe('a \x1b[32mnew\x1b[0m\x1b[7mrow\x1b[0m');
    expect(paintLine(line, { colour: false })).toBe('a new\x1b[7mrow\x1b[0m');
  });

  it('goes on at the right column after characters whose width terminals do not agree on', () => {
    expect(paintLine([span('日本'), span('x')], { colour: true })).toBe('日本\x1b[5Gx');
  });

  it('never sets a background or black or white text', () => {
    const styles = [
      'plain',
      'strong',
      'faint',
      'folder',
      'link',
      'added',
      'changed',
      'removed',
      'title',
    ] as const;
    for (const style of styles)
      expect(paintLine([span('x', style)], { colour: true })).not.toMatch(/\b(?:4\d|30|37|9\d|10\d|38|48)\b/);
  });
});

describe('a screen', () => {
  it('is sent whole at first, then what changes', () => {
    expect(paintChanges(undefined, ['a', 'b'])).toBe(
      '\x1b[0m\x1b[2J\x1b[1;1Ha\x1b[0m\x1b[K\x1b[2;1Hb\x1b[0m\x1b[K',
    );
    expect(paintChanges(['a', 'b'], ['a', 'c'])).toBe('\x1b[2;1Hc\x1b[0m\x1b[K');
    expect(paintChanges(['a'], ['a'])).toBe('');
  });
});

describe('the environment', () => {
  it.each<[Record<string, string>, boolean]>([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{}, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'de_DE.UTF-8', LC_ALL: '' }, true],
  ])('%j has Unicode: %j', (environment, expected) => {
    expect(hasUnicode(environment)).toBe(expected);
  });

  it('says whether colours are wanted', () => {
    expect([{}, { NO_COLOR: '' }, { NO_COLOR: '1' }].map(hasColour)).toEqual([true, true, false]);
  });
});
