import { formatSize } from '../format.ts';
import type { Action } from './keys.ts';
import { layoutOf } from './layout.ts';
import { movedRow } from './movement.ts';
import type { State, Step } from './state.ts';
import { askWhereTo } from './update-prompt.ts';
import { find, lineCount, switchForm, type Viewer } from './viewer.ts';

/** Larger files can be extracted only: the whole content is held while it is viewed. */
const MAX_SIZE = 64 << 20;
/** Cells by which a key moves to the side. */
const SIDE_STEP = 16;

/** Asks for the content of a file, to view it. */
export function readFile(state: State, id: number): Step {
  const { tree } = state.files.rows.layers;
  const file = tree.type(id) === 'symlink' ? tree.resolve(tree.path(id)) : id;
  const content = file === undefined ? undefined : tree.contentOf(file);
  if (content === undefined) return [{ ...state, message: 'It has no content to view.' }];
  if (tree.size(content) > MAX_SIZE)
    return [{ ...state, message: `Files of more than ${formatSize(MAX_SIZE)} can be extracted only.` }];
  return [
    { ...state, busy: 'reading' },
    { kind: 'read', tree, id: content },
  ];
}

/** What a key does where a file is viewed. */
export function updateViewer(state: State, viewer: Viewer, action: Action): Step {
  const row = movedRow(action, viewer.top, lineCount(viewer), layoutOf(state).list);
  if (row !== undefined) return [{ ...state, overlay: { ...viewer, top: row } }];
  switch (action) {
    case 'left':
      return [{ ...state, overlay: { ...viewer, left: Math.max(0, viewer.left - SIDE_STEP) } }];
    case 'right':
      return [{ ...state, overlay: { ...viewer, left: viewer.left + SIDE_STEP } }];
    case 'hex':
      return [{ ...state, overlay: switchForm(viewer) }];
    case 'search':
      return [{ ...state, prompt: { kind: 'find', text: '' } }];
    case 'next-match':
      return [findIn(state, viewer, 1)];
    case 'previous-match':
      return [findIn(state, viewer, -1)];
    case 'extract':
      return [askWhereTo(state, viewer.id)];
    case 'close':
      return [{ ...state, overlay: undefined }];
    default:
      return [state];
  }
}

/** The next place where the text of the search is. */
function findIn(state: State, viewer: Viewer, direction: 1 | -1): State {
  if (viewer.search === '') return { ...state, message: 'There is no search yet: / begins one.' };
  return { ...state, overlay: find(viewer, viewer.search, direction) ?? viewer };
}
