import type { InstalledPackage } from '../../inspect/index.ts';
import { KINDS } from './content-kinds.ts';
import { changeFilter, type FileFilter } from './files-pane.ts';
import { nodesOf } from './package-list.ts';
import type { State } from './state.ts';
import { showName } from './text.ts';

/** The files pane with a filter, in front of everything else. */
function showFiltered(state: State, filter: FileFilter): State {
  return {
    ...state,
    focus: 'files',
    overlay: undefined,
    files: changeFilter(state.files, filter, state.bits),
  };
}

/** Files of one type of content only. */
export function showKind(state: State, kind: number): State {
  const { hidden } = state.files.filter;
  const shown = showFiltered(state, { hidden, search: '', kind });
  return shown.files.rows.files[0] === 0
    ? { ...shown, message: `There are no files of the type: ${titleOf(kind)}.` }
    : shown;
}

function titleOf(kind: number): string {
  return KINDS[kind]?.title ?? '';
}

/** Files of one package only. */
export function showPackage(state: State, one: InstalledPackage): State {
  const { filter, rows } = state.files;
  const nodes = new Set(nodesOf(rows.layers.tree, one));
  if (nodes.size === 0)
    return { ...state, message: `No file of ${showName(one.name, state.text)} is in these layers.` };
  const set = { title: `files of ${one.name}`, has: (id: number) => nodes.has(id) };
  return showFiltered(state, { hidden: filter.hidden, search: '', set });
}

/** Files that no package owns. */
export function showUnowned(state: State): State {
  const { tree } = state.files.rows.layers;
  const owned = new Uint8Array(tree.count);
  for (const { installed } of state.packages?.packages ?? [])
    for (const id of nodesOf(tree, installed)) owned[id] = 1;
  const has = (id: number): boolean => owned[id] === 0 && tree.type(id) !== 'directory';
  const { hidden } = state.files.filter;
  return showFiltered(state, { hidden, search: '', set: { title: 'files of no package', has } });
}
