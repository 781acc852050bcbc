import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Rectangle, squarify } from './squarify.ts';

const values = fc
  .array(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 80 })
  .map((list) => list.sort((a, b) => b - a));
const area = fc.record({
  x: fc.integer({ min: -500, max: 500 }),
  y: fc.integer({ min: -500, max: 500 }),
  width: fc.integer({ min: 1, max: 4000 }),
  height: fc.integer({ min: 1, max: 4000 }),
});

function sizeOf({ width, height }: Rectangle): number {
  return width * height;
}

describe('rectangles of a treemap', () => {
  it('have areas in proportion to the values', () => {
    fc.assert(
      fc.property(values, area, (list, whole) => {
        const sum = list.reduce((total, value) => total + value, 0);
        const places = squarify(list, whole);
        expect(places).toHaveLength(list.length);
        for (const [at, place] of places.entries())
          expect(Math.abs(sizeOf(place) / sizeOf(whole) - (list[at] ?? 0) / sum)).toBeLessThan(1e-9);
      }),
    );
  });

  it('lie inside, and none on another one', () => {
    fc.assert(
      fc.property(values, area, (list, whole) => {
        const slack = 1e-6 * Math.max(whole.width, whole.height);
        const places = squarify(list, whole);
        for (const { x, y, width, height } of places) {
          expect(x).toBeGreaterThanOrEqual(whole.x - slack);
          expect(y).toBeGreaterThanOrEqual(whole.y - slack);
          expect(x + width).toBeLessThanOrEqual(whole.x + whole.width + slack);
          expect(y + height).toBeLessThanOrEqual(whole.y + whole.height + slack);
        }
        for (const [at, a] of places.entries())
          for (const b of places.slice(at + 1)) {
            const isApart =
              a.x + a.width <= b.x + slack ||
              b.x + b.width <= a.x + slack ||
              a.y + a.height <= b.y + slack ||
              b.y + b.height <= a.y + slack;
            expect(isApart).toBe(true);
          }
      }),
    );
  });

  it('are as in the paper', () => {
    // Bruls, Huizing, van Wijk, section 3: 6 6 4 3 2 2 1 in a rectangle of 6 by 4.
    const places = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
    const shapes = places.map(({ width, height }) => Math.max(width / height, height / width));
    for (const [at, shape] of [3 / 2, 3 / 2, 49 / 36, 49 / 27, 25 / 18, 25 / 18, 25 / 9].entries())
      expect(shapes[at]).toBeCloseTo(shape, 9);
  });

  it.each([
    ['no value', [], { x: 0, y: 0, width: 5, height: 5 }],
    ['no width', [1], { x: 0, y: 0, width: 0, height: 5 }],
    ['a height below zero', [1], { x: 0, y: 0, width: 5, height: -1 }],
  ])('are none for %s', (_case, list, whole) => {
    expect(squarify(list, whole)).toEqual([]);
  });
});
