import { cut, shorten, type TextOptions, widthOf } from './text.ts';

/** What a piece of the screen is; the terminal's colours are chosen from it. */
export type Style =
  'plain' | 'strong' | 'faint' | 'folder' | 'link' | 'program' | 'added' | 'changed' | 'removed' | 'title';

/** A piece of a line: text that can be sent to a terminal as it is. */
export interface Span {
  readonly text: string;
  readonly style: Style;
  /** The row that keys act on; in the pane that has no focus it is marked less. */
  readonly mark?: 'selected' | 'marked';
}

export type Line = readonly Span[];

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** A line of exactly so many cells. */
export function fit(line: Line, width: number, options: TextOptions): Line {
  const spans: Span[] = [];
  let left = width;
  const isLonger = lineWidth(line) > width;
  for (const part of line) {
    const own = widthOf(part.text);
    if (own < left || (own === left && !isLonger)) {
      spans.push(part);
      left -= own;
      continue;
    }
    const text = isLonger ? shorten(`${part.text}  `, left, options) : cut(part.text, left);
    spans.push({ ...part, text });
    left -= widthOf(text);
    break;
  }
  if (left > 0) spans.push(span(' '.repeat(left)));
  return spans;
}

/** A line with every piece of it marked. */
export function marked(line: Line, mark: Span['mark']): Line {
  return mark === undefined ? line : line.map((part) => ({ ...part, mark }));
}

/** Exactly so many lines of so many cells. */
export function block(lines: readonly Line[], width: number, height: number, options: TextOptions): Line[] {
  return Array.from({ length: Math.max(0, height) }, (_, at) => fit(lines[at] ?? [], width, options));
}

/** Blocks of the same height, side by side, with a line between them. */
export function beside(left: readonly Line[], right: readonly Line[], { unicode }: TextOptions): Line[] {
  return left.map((line, at) => [...line, span(unicode ? '│' : '|', 'faint'), ...(right[at] ?? [])]);
}

/** The line above a pane. */
export function heading(text: string, width: number, isFocused: boolean, options: TextOptions): Line {
  const rule = options.unicode ? '─' : '-';
  const title = ` ${shorten(text, Math.max(0, width - 4), options)} `;
  const left = Math.max(0, width - widthOf(title) - 1);
  return [span(rule, 'faint'), span(title, isFocused ? 'title' : 'faint'), span(rule.repeat(left), 'faint')];
}

/** A text broken into lines at blanks where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > width && width > 0) {
    const head = cut(rest, width);
    const blank = head.lastIndexOf(' ');
    const end = blank > width / 2 ? blank + 1 : Math.max(1, head.length);
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end);
  }
  return [...lines, rest];
}
