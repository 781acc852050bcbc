import type { FileStatus } from '../../inspect/index.ts';
import { KINDS } from './content-kinds.ts';
import {
  changeFilter,
  collapseAll,
  expandAll,
  type FilesPane,
  goBack,
  jump,
  largestFile,
  narrows,
  NO_FILTER,
  select,
  selectedRow,
  selectRow,
  setExpanded,
  sortFiles,
} from './files-pane.ts';
import type { Action } from './keys.ts';
import { layoutOf } from './layout.ts';
import { movedRow } from './movement.ts';
import { showPackage } from './show.ts';
import { ownerOf, type State, type Step } from './state.ts';
import { isShown, rowCount, SORT_ORDERS } from './tree-rows.ts';
import { askForSearch, askWhereTo } from './update-prompt.ts';
import { readFile } from './update-viewer.ts';

const HIDES: Readonly<Partial<Record<Action, FileStatus>>> = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  unchanged: 'unchanged',
};

/** What a key does in the tree. */
export function updateFiles(state: State, action: Action): Step {
  const { files } = state;
  const status = HIDES[action];
  if (status !== undefined) return [withFiles(state, toggleStatus(state, status))];
  const count = rowCount(files.rows);
  const row = movedRow(action, 0, count, layoutOf(state).list);
  if (row !== undefined) {
    const target = movedRow(action, selectedRow(files), count, layoutOf(state).list) ?? 0;
    return [withFiles(state, selectRow(files, target))];
  }
  switch (action) {
    case 'collapse-all':
      return [withFiles(state, collapseAll(files))];
    case 'expand-all':
      return [withFiles(state, expandAll(files))];
    case 'sort': {
      const next = (SORT_ORDERS.indexOf(files.rows.sort) + 1) % SORT_ORDERS.length;
      return [withFiles(state, sortFiles(files, SORT_ORDERS[next] ?? 'name'))];
    }
    case 'search':
      return [askForSearch(state)];
    case 'kinds':
      return [
        {
          ...state,
          overlay: { kind: 'kinds', selected: files.filter.kind ?? 0, top: 0, counts: countKinds(state) },
        },
      ];
    case 'largest':
      return [jumpTo(state, largestFile(files), 'There is no file here.')];
    case 'next-largest':
      return [jumpTo(state, largestFile(files, files.selected), 'There is no smaller file.')];
    case 'back':
      return [withFiles(state, goBack(files))];
    case 'attributes':
      return [{ ...state, attributes: !state.attributes }];
    case 'close':
      return [
        withFiles(
          state,
          changeFilter(
            files,
            narrows(files.filter) ? { ...NO_FILTER, hidden: files.filter.hidden } : NO_FILTER,
            state.bits,
          ),
        ),
      ];
    default:
      return count === 0 ? [state] : updateSelected(state, action, files.selected);
  }
}

/** What a key does to the file that is selected. */
function updateSelected(state: State, action: Action, id: number): Step {
  const { files } = state;
  const { tree } = files.rows.layers;
  const isFolder = tree.type(id) === 'directory';
  const isExpanded = files.rows.expanded[id] === 1;
  switch (action) {
    case 'open':
      if (isFolder) return [withFiles(state, setExpanded(files, id, !isExpanded))];
      return tree.type(id) === 'symlink' ? [follow(state, id)] : readFile(state, id);
    case 'collapse':
      return [isFolder ? withFiles(state, setExpanded(files, id, !isExpanded)) : state];
    case 'right':
      if (!isFolder) return [state];
      if (!isExpanded) return [withFiles(state, setExpanded(files, id, true))];
      return [withFiles(state, selectRow(files, selectedRow(files) + 1))];
    case 'left':
      if (isFolder && isExpanded) return [withFiles(state, setExpanded(files, id, false))];
      return [tree.parent(id) === tree.root ? state : withFiles(state, select(files, tree.parent(id)))];
    case 'follow':
      return [follow(state, id)];
    case 'view':
      return readFile(state, id);
    case 'owner': {
      const owner = ownerOf(state, id);
      if (owner) return [showPackage(state, owner)];
      const isRead = state.packages !== undefined;
      return [{ ...state, message: isRead ? 'No package owns it.' : 'The packages are still being read.' }];
    }
    case 'extract':
      return [askWhereTo(state, id)];
    default:
      return [state];
  }
}

function withFiles(state: State, files: FilesPane): State {
  return { ...state, files };
}

function toggleStatus({ files, bits }: State, status: FileStatus): FilesPane {
  const { hidden } = files.filter;
  const others = hidden.filter((other) => other !== status);
  return changeFilter(
    files,
    { ...files.filter, hidden: others.length < hidden.length ? others : [...hidden, status] },
    bits,
  );
}

function countKinds({ files, bits }: State): number[] {
  const { tree } = files.rows.layers;
  const counts = KINDS.map(() => 0);
  for (let id = 1; id < tree.count; id++) {
    const kinds = tree.isThere(id) ? bits.of(tree, id) : 0;
    if (kinds !== 0)
      for (let kind = 0; kind < counts.length; kind++)
        counts[kind] = (counts[kind] ?? 0) + ((kinds >> kind) & 1);
  }
  return counts;
}

/** Follows a link of either kind to where it leads. */
function follow(state: State, id: number): State {
  const { tree } = state.files.rows.layers;
  const type = tree.type(id);
  if (type !== 'symlink' && type !== 'hardlink') return { ...state, message: 'It is no link.' };
  const target = type === 'hardlink' ? tree.contentOf(id) : tree.resolve(tree.path(id));
  return jumpTo(state, target, 'The link leads nowhere in these layers.');
}

function jumpTo(state: State, id: number | undefined, otherwise: string): State {
  if (id === undefined) return { ...state, message: otherwise };
  const { files, bits } = state;
  if (isShown(files.rows, id)) return withFiles(state, jump(files, id));
  return withFiles(state, jump(changeFilter(files, NO_FILTER, bits), id));
}
