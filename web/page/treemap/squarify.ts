export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a rectangle into one for each value, with areas in proportion and sides as equal as they can be.
 * Bruls, Huizing, van Wijk: Squarified Treemaps (2000).
 * @param values positive, the largest first
 * @returns in the order of the values; empty for a rectangle without an area
 */
export function squarify(values: readonly number[], { x, y, width, height }: Rectangle): Rectangle[] {
  const sum = values.reduce((total, value) => total + value, 0);
  if (!(sum > 0) || !(width > 0) || !(height > 0)) return [];
  const scale = (width * height) / sum;
  const result: Rectangle[] = [];
  let free = { x, y, width, height };
  for (let start = 0; start < values.length;) {
    const side = Math.min(free.width, free.height);
    const row = takeRow(values, start, scale, side);
    const isLast = row.end === values.length;
    // A row lies along the shorter side; the last one takes what is left, whatever was lost in rounding.
    const across = free.width < free.height;
    const room = across ? free.height : free.width;
    const thickness = isLast ? room : Math.min(room, row.area / side);
    let at = across ? free.x : free.y;
    for (let index = start; index < row.end; index++) {
      const length = (side * ((values[index] ?? 0) * scale)) / row.area;
      result.push(
        across
          ? { x: at, y: free.y, width: length, height: thickness }
          : { x: free.x, y: at, width: thickness, height: length },
      );
      at += length;
    }
    free = across
      ? { ...free, y: free.y + thickness, height: Math.max(0, free.height - thickness) }
      : { ...free, x: free.x + thickness, width: Math.max(0, free.width - thickness) };
    start = row.end;
  }
  return result;
}

/** The values from `start` that give the best worst shape in one row, and their area. */
function takeRow(
  values: readonly number[],
  start: number,
  scale: number,
  side: number,
): { end: number; area: number } {
  const largest = (values[start] ?? 0) * scale;
  let area = largest;
  let worst = worstShape(largest, largest, area, side);
  let end = start + 1;
  for (; end < values.length; end++) {
    const next = (values[end] ?? 0) * scale;
    const shape = worstShape(largest, next, area + next, side);
    if (shape > worst) break;
    worst = shape;
    area += next;
  }
  return { end, area };
}

/** The longest side by the shortest one of the worst rectangle in a row. */
function worstShape(largest: number, smallest: number, area: number, side: number): number {
  const square = side * side;
  return Math.max((square * largest) / (area * area), (area * area) / (square * smallest));
}
