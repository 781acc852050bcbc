import type { MapItem, MapSource } from './source.ts';
import { type Rectangle, squarify } from './squarify.ts';

/** An item and its place in the picture, in CSS pixels. */
export interface Cell extends Rectangle {
  readonly item: MapItem;
  /** From 0 for what is directly in the root. */
  readonly depth: number;
  /** Number of the cell of depth 0 that it is in. */
  readonly branch: number;
  /** What is in it is drawn below a line with its name. */
  readonly isOpen: boolean;
}

/** Height of the line with the name of a folder whose content is drawn. */
export const TITLE_HEIGHT = 18;
const GAP = 2;
/** Square pixels below which nothing gets a cell of its own. */
const LEAST_AREA = 40;
const LEAST_OPEN_WIDTH = 56;
const LEAST_OPEN_HEIGHT = 44;
const MAX_CELLS = 4000;

/** Lays out what is in an item: outer cells come before those in them. */
export function layoutMap(source: MapSource, root: MapItem, width: number, height: number): Cell[] {
  const cells: Cell[] = [];
  const waiting: { item: MapItem; area: Rectangle; depth: number; branch: number }[] = [
    { item: root, area: { x: 0, y: 0, width, height }, depth: 0, branch: -1 },
  ];
  // Breadth first, so that a limit costs details and no large parts.
  for (let next = waiting.shift(); next && cells.length < MAX_CELLS; next = waiting.shift()) {
    const { item, area, depth, branch } = next;
    const least = item.value * (LEAST_AREA / Math.max(1, area.width * area.height));
    const children = source.children(item, least);
    const places = squarify(
      children.map(({ value }) => value),
      area,
    );
    for (const [at, place] of places.entries()) {
      const child = children[at];
      if (!child) continue;
      const isOpen = child.isFolder && place.width >= LEAST_OPEN_WIDTH && place.height >= LEAST_OPEN_HEIGHT;
      const own = branch < 0 ? at : branch;
      cells.push({ ...place, item: child, depth, branch: own, isOpen });
      if (isOpen) waiting.push({ item: child, area: insideOf(place), depth: depth + 1, branch: own });
    }
  }
  return cells;
}

/** The innermost cell at a point. */
export function cellAt(cells: readonly Cell[], x: number, y: number): Cell | undefined {
  return cells.findLast(
    (cell) => x >= cell.x && y >= cell.y && x < cell.x + cell.width && y < cell.y + cell.height,
  );
}

function insideOf({ x, y, width, height }: Rectangle): Rectangle {
  return {
    x: x + GAP,
    y: y + TITLE_HEIGHT,
    width: width - 2 * GAP,
    height: height - TITLE_HEIGHT - GAP,
  };
}
