import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRoute, parseRoute } from './route.ts';

describe('the part of the address behind #', () => {
  it.each([
    ['', 'overview', {}],
    ['#layers', 'layers', {}],
    ['#path=/usr/lib', 'files', { path: '/usr/lib' }],
    ['#package=deb/libc6', 'packages', { package: 'deb/libc6' }],
    ['#files&q=a%26b%3D&sort=-size', 'files', { q: 'a&b=', sort: '-size' }],
    ['#files&q=100%', 'files', { q: '100%' }],
    ['#odd=1', 'overview', { odd: '1' }],
  ])('%s is %s with %j', (hash, view, values) => {
    expect(parseRoute(hash)).toEqual({ view, values });
  });

  it('holds any value', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.constantFrom('path', 'q'),
        (text, name) => {
          expect(parseRoute(formatRoute('files', { [name]: text }))).toEqual({
            view: 'files',
            values: { [name]: text },
          });
        },
      ),
    );
  });

  it('is short: the value that stands for a view comes first', () => {
    expect(formatRoute('files', { q: 'x', path: '/usr' })).toBe('#path=/usr&q=x');
    expect(formatRoute('layers', { layer: undefined })).toBe('#layers');
  });
});
