import type { Action } from './keys.ts';
import { layoutOf } from './layout.ts';
import { movedRow } from './movement.ts';
import { listPackages } from './package-list.ts';
import { showPackage, showUnowned } from './show.ts';
import type { PackagesPane, State } from './state.ts';

/** What a key does in the list of packages. */
export function updatePackages(state: State, pane: PackagesPane, action: Action): State {
  const rows = state.packages ? listPackages(state.packages, pane) : [];
  const row = movedRow(action, pane.selected, rows.length, layoutOf(state).list);
  if (row !== undefined) return { ...state, overlay: { ...pane, selected: row } };
  switch (action) {
    case 'open': {
      const one = rows[pane.selected]?.installed;
      return one ? showPackage(state, one) : state;
    }
    case 'unowned':
      return showUnowned(state);
    case 'sort':
      return { ...state, overlay: { ...pane, sort: pane.sort === 'name' ? 'size' : 'name', selected: 0 } };
    case 'search':
      return { ...state, prompt: { kind: 'packages', text: pane.search } };
    case 'close':
      return { ...state, overlay: pane.search === '' ? undefined : { ...pane, search: '' } };
    default:
      return state;
  }
}
