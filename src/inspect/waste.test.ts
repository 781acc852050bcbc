import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../testing/inspected.ts';
import type { LayerFiles } from '../testing/layered-image.ts';
import { measureWaste } from './waste.ts';

const of = (size: number): string => 'x'.repeat(size);

describe('bytes that could be saved', () => {
  it.each<[string, readonly LayerFiles[], readonly (readonly [string, number, number, boolean])[]]>([
    ['one layer', [{ a: of(10) }], []],
    [
      'all copies but the one that stays',
      [{ a: of(10) }, { a: of(30) }, { a: of(7) }],
      [['a', 40, 2, false]],
    ],
    [
      'a copy with another mode only',
      [{ a: of(10) }, { a: { content: of(10), mode: 0o755 } }],
      [['a', 10, 1, false]],
    ],
    ['what is removed', [{ a: of(10) }, { '.wh.a': '' }], [['a', 10, 1, true]]],
    [
      'all that is in a removed folder',
      [{ 'd/a': of(10), 'd/e/b': of(5) }, { '.wh.d': '' }],
      [
        ['d/a', 10, 1, true],
        ['d/e/b', 5, 1, true],
      ],
    ],
    [
      'what an opaque folder hides',
      [{ 'd/a': of(10) }, { 'd/.wh..wh..opq': '', 'd/b': of(1) }],
      [['d/a', 10, 1, true]],
    ],
    [
      'what a file in the place of its folder hides',
      [{ 'd/a': of(10) }, { d: of(1) }],
      [['d/a', 10, 1, true]],
    ],
    [
      'a hard link has no bytes of its own',
      [{ a: of(10), b: { type: 'hardlink', linkName: 'a' } }, { '.wh.b': '' }],
      [],
    ],
    [
      'a file that a hard link still names is needed',
      [{ a: of(10), b: { type: 'hardlink', linkName: 'a' } }, { '.wh.a': '' }],
      [],
    ],
    ['removed and made again', [{ a: of(10) }, { '.wh.a': '' }, { a: of(3) }], [['a', 10, 1, false]]],
    ['twice in one layer', [{ a: of(10), './a': of(3) }], [['a', 10, 1, false]]],
  ])('%s', async (_, layers, wasted) => {
    const { tree } = await viewOf(layers);
    const { paths } = measureWaste(tree);
    expect(paths.map(({ path, bytes, copies, removed }) => [path, bytes, copies, removed])).toEqual(wasted);
  });

  it('are told of the layer that has them', async () => {
    const { tree } = await viewOf([{ a: of(10), b: of(1) }, { a: of(30) }, { '.wh.a': '' }]);
    expect(measureWaste(tree)).toMatchObject({
      storedBytes: 41,
      wastedBytes: 40,
      byLayer: [10, 30, 0],
      efficiency: 1 / 41,
    });
  });

  it('and what the image holds are what is stored, whatever the layers do', async () => {
    const path = fc.constantFrom('a', 'b', 'd/a', 'd/b', 'd/e/a', 'd');
    const change = fc.tuple(path, fc.oneof(fc.nat(9).map(of), fc.constant('remove'), fc.constant('folder')));
    const layer = fc
      .array(change, { maxLength: 5 })
      .map((changes): LayerFiles =>
        Object.fromEntries(
          changes.map(([name, what]) =>
            what === 'remove' ? [name.replace(/([^/]+)$/, '.wh.$1'), ''] : [name, what],
          ),
        ),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
        const { tree } = await viewOf(layers);
        const { storedBytes, wastedBytes } = measureWaste(tree);
        expect(storedBytes - wastedBytes).toBe(tree.totals().bytes[0]);
      }),
      { numRuns: 60 },
    );
  });
});
