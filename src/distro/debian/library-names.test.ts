import { describe, expect, it } from 'vitest';
import { packageNamesOf } from './library-names.ts';

describe('packageNamesOf', () => {
  it.each([
    ['libpq.so.5', 'libpq5'],
    ['libvips.so.42', 'libvips42t64'],
    ['libpng16.so.16', 'libpng16-16t64'],
    ['libbz2.so.1.0', 'libbz2-1.0'],
    ['libgcc_s.so.1', 'libgcc-s1'],
    ['libstdc++.so.6', 'libstdc++6'],
    ['libdb-5.3.so', 'libdb5.3t64'],
    ['libjson-c.so.5', 'libjson-c5'],
    ['libMagickCore-7.Q16.so.10', 'libmagickcore-7.q16-10'],
    ['libpython3.13.so.1.0', 'libpython3.13'],
    ['libxml2.so.2', 'libxml2'],
  ])('%s may be in %s', (file, name) => {
    expect(packageNamesOf(file)).toContain(name);
  });

  it('gives the likeliest first', () => {
    expect(packageNamesOf('libicu.so.76')).toEqual(['libicu76', 'libicu76t64', 'libicu-76', 'libicu-76t64']);
    expect(packageNamesOf('libxml2.so.2')).toEqual(['libxml2-2', 'libxml2-2t64', 'libxml2']);
  });

  it.each([
    '',
    'libperl.so',
    'libpq.so.',
    'libpq.so.x',
    'lib.so.1',
    'pq.so.5',
    'a/libpq.so.5',
    'libpq.so.5\n',
    'libp q.so.5',
  ])('says nothing of %j', (file) => {
    expect(packageNamesOf(file)).toEqual([]);
  });
});
