import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../testing/inspected.ts';
import { pathSearch } from './path-search.ts';

const PATHS = ['etc/passwd', 'usr/lib/a.so', 'usr/lib/x/b.so.1', 'usr/share/Doc/README', 'lib'];

async function found(paths: readonly string[], text: string): Promise<string[]> {
  const { tree } = await viewOf([Object.fromEntries(paths.map((path) => [path, 'x']))]);
  return [...tree.walk()]
    .slice(1)
    .filter(pathSearch(tree, text))
    .map((id) => tree.path(id));
}

describe('a search for', () => {
  it.each<[string, string[]]>([
    ['pass', ['etc/passwd']],
    ['lib', ['lib', 'usr/lib']],
    ['/lib', ['lib', 'usr/lib']],
    ['/usr/lib', ['usr/lib']],
    ['b/a', ['usr/lib/a.so']],
    ['usr/lib/', ['usr/lib/a.so', 'usr/lib/x']],
    ['readme', ['usr/share/Doc/README']],
    ['README', ['usr/share/Doc/README']],
    ['Readme', []],
    ['*.so', ['usr/lib/a.so']],
    ['*.so*', ['usr/lib/a.so', 'usr/lib/x/b.so.1']],
    ['?.so', ['usr/lib/a.so']],
    ['usr/*/*.so', ['usr/lib/a.so']],
    ['/usr/**/b*', ['usr/lib/x/b.so.1']],
    ['usr/lib/**', ['usr/lib/a.so', 'usr/lib/x', 'usr/lib/x/b.so.1']],
    ['**/x', ['usr/lib/x']],
    ['*[a', []],
    ['.', ['usr/lib/a.so', 'usr/lib/x/b.so.1']],
  ])('%j finds %j', async (text, paths) => {
    expect(await found(PATHS, text)).toEqual(paths);
  });

  it('a text finds the same as in the paths themselves, where it ends in the name', async () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
    const paths = fc.array(
      fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      { minLength: 1 },
    );
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(paths, text, async (some, sought) => {
        fc.pre(!sought.includes('//'));
        const { tree } = await viewOf([Object.fromEntries(some.map((path) => [`${path}/f`, 'x']))]);
        const search = pathSearch(tree, sought);
        for (const id of [...tree.walk()].slice(1)) {
          const whole = `/${tree.path(id)}`;
          const slash = whole.lastIndexOf('/') + 1;
          const isThere = [...whole.matchAll(new RegExp(`(?=${sought})`, 'g'))].some(
            ({ index }) =>
              index + sought.length >= slash + (sought.includes('/') && !sought.endsWith('/') ? 1 : 0),
          );
          expect(search(id), `${sought} in ${whole}`).toBe(isThere);
        }
      }),
      { numRuns: 60 },
    );
  });
});
