import type { Line, Span, Style } from './screen.ts';
import { widthOf } from './text.ts';

const ASCII = /^[\x20-\x7e]*$/;
/** Select Graphic Rendition (ECMA-48, 8.3.117). No background and no white or black: they suit dark and light terminals. */
const COLOURS: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  folder: '1;34',
  link: '36',
  program: '32',
  added: '32',
  changed: '35',
  removed: '31',
  title: '1;7',
};
/** Where colours are not wanted. */
const MONOCHROME: Readonly<Partial<Record<Style, string>>> = {
  strong: '1',
  faint: '2',
  folder: '1',
  title: '1;7',
};

export interface PaintOptions {
  readonly colour: boolean;
}

/** A line as it is sent to a terminal, from its first column on. */
export function paintLine(line: Line, { colour }: PaintOptions): string {
  let painted = '';
  let column = 1;
  for (const part of line) {
    const rendition = renditionOf(part, colour);
    painted += rendition === '' ? part.text : `\x1b[${rendition}m${part.text}\x1b[0m`;
    column += widthOf(part.text);
    // The terminal may think otherwise of the width of a character.
    if (!ASCII.test(part.text)) painted += `\x1b[${column}G`;
  }
  return painted;
}

function renditionOf({ style, mark }: Span, colour: boolean): string {
  const own = (colour ? COLOURS[style] : MONOCHROME[style]) ?? '';
  if (mark === 'selected') return own === '' || own === '2' ? '7' : `${own};7`;
  return mark === 'marked' ? [own, '4'].filter((part) => part !== '').join(';') : own;
}

/**
 * What changes the screen from some lines to others: only lines that differ are sent.
 * @param before undefined where it is not known what the terminal shows
 * @param after painted lines, as many as the screen has
 */
export function paintChanges(before: readonly string[] | undefined, after: readonly string[]): string {
  const pieces = before ? [] : ['\x1b[0m\x1b[2J'];
  for (const [at, line] of after.entries())
    if (before?.[at] !== line) pieces.push(`\x1b[${at + 1};1H${line}\x1b[0m\x1b[K`);
  return pieces.join('');
}
