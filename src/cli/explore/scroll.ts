import { selectedRow } from './files-pane.ts';
import { helpLines } from './help-lines.ts';
import { KINDS } from './content-kinds.ts';
import { layoutOf } from './layout.ts';
import { visibleTop } from './movement.ts';
import { listPackages } from './package-list.ts';
import type { ListPosition, Overlay, State } from './state.ts';
import { rowCount } from './tree-rows.ts';
import { lineCount } from './viewer.ts';

/** The same state with every pane scrolled so that what is selected is on the screen. */
export function scrolled(state: State): State {
  const { layers, files, view } = state;
  const layout = layoutOf(state);
  const [row, count] = [selectedRow(files), rowCount(files.rows)];
  return {
    ...state,
    layers: inList(layers, view.contents.layers.length, layout.layers),
    files: { ...files, top: visibleTop(files.top, row, count, layout.list) },
    overlay: state.overlay && scrolledOverlay(state, state.overlay, layout.list),
  };
}

function scrolledOverlay(state: State, overlay: Overlay, page: number): Overlay {
  switch (overlay.kind) {
    case 'viewer':
      return { ...overlay, top: Math.max(0, Math.min(overlay.top, lineCount(overlay) - page)) };
    case 'packages': {
      const count = state.packages ? listPackages(state.packages, overlay).length : 0;
      return { ...overlay, ...inList(overlay, count, page) };
    }
    case 'kinds':
      return { ...overlay, ...inList(overlay, KINDS.length, page) };
    case 'help': {
      const top = Math.max(0, Math.min(overlay.selected, helpLines().length - page));
      return { ...overlay, selected: top, top };
    }
  }
}

function inList({ selected, top }: ListPosition, count: number, page: number): ListPosition {
  const at = Math.max(0, Math.min(selected, count - 1));
  return { selected: at, top: visibleTop(top, at, count, page) };
}
