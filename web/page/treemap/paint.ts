import { formatSize } from '../format.ts';
import { type Cell, TITLE_HEIGHT } from './layout.ts';

/** What the style sheet says: values of its custom properties. */
export interface Palette {
  readonly tints: readonly string[];
  readonly text: string;
  readonly line: string;
  readonly accent: string;
  readonly rest: string;
  /** By place in ENTRY_CHANGES. */
  readonly changes: readonly string[];
  readonly font: string;
}

/** Signs of what changed, which stand beside the colour: by place in ENTRY_CHANGES. */
export const CHANGE_SIGNS = ['', '+', '−', '~', '≈'] as const;

const SMALL = 11;
const PADDING = 5;

/** Reads the colours of the theme that holds now. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    tints: [0, 1, 2, 3].map((at) => value(`--tint-${at}`)),
    text: value('--text'),
    line: value('--surface'),
    accent: value('--accent'),
    rest: value('--rest'),
    changes: ['--tint-1', '--added', '--removed', '--content', '--metadata'].map(value),
    font: style.fontFamily,
  };
}

/** Draws the cells, and the one that is pointed at with a frame. */
export function paintMap(
  canvas: HTMLCanvasElement,
  cells: readonly Cell[],
  palette: Palette,
  marked: string | undefined,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.textBaseline = 'middle';
  for (const cell of cells) paintCell(context, cell, palette);
  const chosen = cells.find(({ item }) => item.key === marked);
  if (!chosen) return;
  context.strokeStyle = palette.accent;
  context.lineWidth = 3;
  context.strokeRect(chosen.x + 1.5, chosen.y + 1.5, chosen.width - 3, chosen.height - 3);
}

function paintCell(context: CanvasRenderingContext2D, cell: Cell, palette: Palette): void {
  const { item, x, y, width, height, isOpen } = cell;
  context.fillStyle = colourOf(cell, palette);
  context.fillRect(x, y, width, height);
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  if (width < 34 || height < 15) return;
  const sign = CHANGE_SIGNS[item.change ?? 0] ?? '';
  const label = sign && !isOpen ? `${sign} ${item.label}` : item.label;
  const room = width - 2 * PADDING;
  context.fillStyle = palette.text;
  context.font = `${isOpen && cell.depth === 0 ? '600 ' : ''}${SMALL}px ${palette.font}`;
  if (isOpen) {
    const size = formatSize(item.value);
    const sizeWidth = context.measureText(size).width;
    const withSize = room > sizeWidth + 60;
    drawText(context, label, x + PADDING, y + TITLE_HEIGHT / 2 + 1, withSize ? room - sizeWidth - 8 : room);
    context.font = `${SMALL}px ${palette.font}`;
    if (withSize) context.fillText(size, x + width - PADDING - sizeWidth, y + TITLE_HEIGHT / 2 + 1);
    return;
  }
  drawText(context, label, x + PADDING, y + Math.min(height / 2, 11), room);
  const size = formatSize(item.value);
  if (height >= 32 && context.measureText(size).width <= room) context.fillText(size, x + PADDING, y + 25);
}

function colourOf({ item, depth, branch, isOpen }: Cell, palette: Palette): string {
  if (item.rest !== undefined) return palette.rest;
  if (item.change !== undefined && !isOpen && !item.isFolder)
    return palette.changes[item.change] ?? palette.rest;
  // Neighbouring branches differ a little; what is deeper is darker.
  return palette.tints[Math.min(depth, 2) + (branch % 2)] ?? palette.rest;
}

/** Draws as much of a text as there is room for: of a path the end, which tells more. */
function drawText(context: CanvasRenderingContext2D, text: string, x: number, y: number, room: number): void {
  const { width } = context.measureText(text);
  if (width <= room) {
    context.fillText(text, x, y);
    return;
  }
  const path = /^(\S )?\//.exec(text);
  // Measuring is what painting takes time for: one guess, and a few letters less if they are wide ones.
  for (let length = Math.floor((text.length * room) / width) - 1; length > 3; length -= 2) {
    const part = path === null ? `${text.slice(0, length)}…` : `${path[1] ?? ''}…${text.slice(-length)}`;
    if (context.measureText(part).width > room) continue;
    context.fillText(part, x, y);
    return;
  }
}
