import { formatSize } from '../format.ts';
import { KINDS } from './content-kinds.ts';
import { helpLines } from './help-lines.ts';
import { listPackages } from './package-list.ts';
import { fit, heading, type Line, marked, span } from './screen.ts';
import type { HelpPane, KindsPane, Overlay, PackagesPane, State } from './state.ts';
import { cut, shorten, showName, showText, type TextOptions, widthOf } from './text.ts';
import { foundLine, lineAt, lineCount, type Viewer } from './viewer.ts';

/** A pane that lies over all others: its heading and its rows. */
export function renderOverlay(state: State, overlay: Overlay, width: number, height: number): Line[] {
  const [title, rows] = contentOf(state, overlay, width, height - 1);
  return [heading(title, width, true, state.text), ...rows];
}

function contentOf(state: State, overlay: Overlay, width: number, height: number): [string, Line[]] {
  switch (overlay.kind) {
    case 'viewer':
      return viewerContent(state, overlay, width, height);
    case 'packages':
      return packagesContent(state, overlay, width, height);
    case 'kinds':
      return ['Types of content', kindRows(state, overlay, width)];
    case 'help':
      return ['Keys', helpRows(overlay, height)];
  }
}

function viewerContent(
  { files, text }: State,
  viewer: Viewer,
  width: number,
  height: number,
): [string, Line[]] {
  const { tree } = files.rows.layers;
  const count = lineCount(viewer);
  const last = Math.min(count, viewer.top + height);
  const found = foundLine(viewer);
  const rows = Array.from({ length: last - viewer.top }, (_, index): Line => {
    const at = viewer.top + index;
    const shown = showText(lineAt(viewer, at), text);
    const line = fit([span(afterCells(shown, viewer.left))], width, text);
    return at === found ? marked(line, 'selected') : line;
  });
  const lines = viewer.form === 'text' ? 'lines' : 'rows';
  const place = `${lines} ${Math.min(count, viewer.top + 1)}-${last} of ${count.toLocaleString('en')}`;
  return [`/${showName(tree.path(viewer.id), text)}  ${formatSize(viewer.bytes.length)}  ${place}`, rows];
}

function afterCells(text: string, cells: number): string {
  return cells === 0 ? text : text.slice(cut(text, cells).length);
}

function packagesContent(
  { packages, text }: State,
  pane: PackagesPane,
  width: number,
  height: number,
): [string, Line[]] {
  const rows = packages ? listPackages(packages, pane) : [];
  const nameWidth = Math.max(16, Math.floor(width * 0.32));
  const lines = rows.slice(pane.top, pane.top + height).map((row, index): Line => {
    const { name, version, type, licences } = row.installed;
    const cells: Line = [
      span(` ${formatSize(row.size).padStart(8)} `),
      span(`${type.padEnd(6)} `, 'faint'),
      span(`${cell(name, nameWidth, text)} `, 'strong'),
      span(`${cell(version, Math.floor(width * 0.22), text)} `),
      span(showName(licences.join(', '), text), 'faint'),
    ];
    const line = fit(cells, width, text);
    return pane.top + index === pane.selected ? marked(line, 'selected') : line;
  });
  const which = pane.search === '' ? '' : ` with ${showName(pane.search, text)} in the name`;
  return [`${rows.length} packages${which}, by ${pane.sort}`, lines];
}

/** A text in exactly so many cells. */
function cell(value: string, width: number, text: TextOptions): string {
  const short = shorten(showName(value, text), width, text);
  return short + ' '.repeat(Math.max(0, width - widthOf(short)));
}

function kindRows({ bits, text }: State, pane: KindsPane, width: number): Line[] {
  return KINDS.map(({ title }, at): Line => {
    const isKnown = title !== 'text' || bits.knowsText;
    const count = isKnown ? (pane.counts[at] ?? 0).toLocaleString('en') : '?';
    const line = fit([span(` ${count.padStart(8)}  `), span(title)], width, text);
    return at === pane.selected ? marked(line, 'selected') : line;
  }).slice(pane.top);
}

function helpRows({ top }: HelpPane, height: number): Line[] {
  return helpLines()
    .slice(top, top + height)
    .map(({ keys, help }) =>
      help === '' ? [span(` ${keys}`, 'strong')] : [span(`   ${keys.padEnd(20)}`), span(help)],
    );
}
