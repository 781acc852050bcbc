import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePaths, encodePaths } from './encode-paths.ts';

const name = fc.oneof(
  fc.constantFrom('a', 'ab', 'lib', 'ä', '漢', '🙂', '\udcff', 'x\ud800'),
  fc.string({ unit: 'binary' }),
);
const paths = fc.array(fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')));

describe('paths as bytes', () => {
  it('are the same paths again, whatever is in them', () => {
    fc.assert(
      fc.property(paths, (some) => {
        expect(decodePaths(encodePaths(some))).toEqual(some);
      }),
    );
  });

  it('have what neighbours share once', () => {
    const { bytes } = encodePaths(['usr/lib/a', 'usr/lib/b', 'usr/lib/b/c']);
    expect(Buffer.from(bytes).toString()).toBe('usr/lib/ab/c');
  });

  it.each<[string, Partial<ReturnType<typeof encodePaths>>]>([
    ['more is shared than there is', { shared: Uint16Array.of(1, 0) }],
    ['more follows than there is', { lengths: Uint16Array.of(1, 9) }],
    ['bytes are left', { bytes: Buffer.from('abc') }],
  ])('are refused where %s', (_, wrong) => {
    expect(decodePaths({ ...encodePaths(['a', 'b']), ...wrong })).toBeUndefined();
  });
});
