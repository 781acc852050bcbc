import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPackageRequest, type PackageRequest, parsePackageRequest } from './package-request.ts';

describe('a request as text', () => {
  it.each<[string, PackageRequest]>([
    ['libpq5', { name: 'libpq5' }],
    ['libstdc++6', { name: 'libstdc++6' }],
    ['libpq5/trixie-backports', { name: 'libpq5', suite: 'trixie-backports' }],
    ['libpq5>=17', { name: 'libpq5', bound: { operator: '>=', version: '17' } }],
    ['libpq5 >= 17', { name: 'libpq5', bound: { operator: '>=', version: '17' } }],
    ['libpq5 (>= 17)', { name: 'libpq5', bound: { operator: '>=', version: '17' } }],
    ['libpq5(>=17)', { name: 'libpq5', bound: { operator: '>=', version: '17' } }],
    ['libpq5=17.6-0+deb13u1', { name: 'libpq5', bound: { operator: '=', version: '17.6-0+deb13u1' } }],
    ['tzdata<<1:2026~', { name: 'tzdata', bound: { operator: '<<', version: '1:2026~' } }],
    ['a/sid>>1', { name: 'a', suite: 'sid', bound: { operator: '>>', version: '1' } }],
    [' a<=1 ', { name: 'a', bound: { operator: '<=', version: '1' } }],
  ])('%j', (text, request) => {
    expect(parsePackageRequest(text)).toEqual(request);
    expect(parsePackageRequest(formatPackageRequest(request))).toEqual(request);
  });

  it.each([
    ['', 'not a package: ""'],
    ['-a', 'not a package'],
    ['../etc', 'not a package'],
    ['a/', 'not a package'],
    ['a/../b', 'not a package'],
    ['a b', 'not a package'],
    ['a:any', 'not a package'],
    ['a | b', 'not a package'],
    ['a>=', 'not a package'],
    ['a==1', 'not a package'],
    ['a>=1,<<2', 'not a package'],
    ['a (>= 1', 'not a package'],
    ['a>=1/2', 'not a package'],
    ['a<1', 'not a package'],
    ['a>1', 'not a package'],
    ['a\nb', 'not a package'],
  ])('%j is refused', (text, message) => {
    expect(() => parsePackageRequest(text)).toThrow(
      expect.objectContaining({
        code: 'DEFINITION_INVALID',
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });

  it('with the old spellings of apt is answered with the new ones', () => {
    expect(() => parsePackageRequest('a<1')).toThrow(
      expect.objectContaining({ hint: 'Write << for strictly, <= for "or equal".' }) as Error,
    );
  });

  it('throws only its own errors, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab1.:~+-/<>=() \n')) }), (text) => {
        try {
          const request = parsePackageRequest(text);
          expect(parsePackageRequest(formatPackageRequest(request))).toEqual(request);
        } catch (error) {
          expect(error).toMatchObject({ code: 'DEFINITION_INVALID' });
        }
      }),
    );
  });
});
