import { KINDS, TEXT } from './content-kinds.ts';
import { helpLines } from './help-lines.ts';
import type { Action } from './keys.ts';
import { layoutOf } from './layout.ts';
import { movedRow } from './movement.ts';
import { showKind } from './show.ts';
import type { HelpPane, KindsPane, State, Step } from './state.ts';

/** What a key does in the list of types of content. */
export function updateKinds(state: State, pane: KindsPane, action: Action): Step {
  const row = movedRow(action, pane.selected, KINDS.length, layoutOf(state).list);
  if (row !== undefined) return [{ ...state, overlay: { ...pane, selected: row } }];
  if (action === 'close') return [{ ...state, overlay: undefined }];
  if (action !== 'open') return [state];
  if (pane.selected === TEXT && !state.bits.knowsText)
    return [{ ...state, overlay: undefined, busy: 'looking for text' }, { kind: 'find-text' }];
  return [showKind(state, pane.selected)];
}

/** What a key does in the help. */
export function updateHelp(state: State, pane: HelpPane, action: Action): State {
  const row = movedRow(action, pane.top, helpLines().length, layoutOf(state).list);
  if (row !== undefined) return { ...state, overlay: { ...pane, selected: row } };
  return action === 'close' ? { ...state, overlay: undefined } : state;
}
