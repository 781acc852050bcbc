import type { Action } from './keys.ts';
import { layoutOf } from './layout.ts';
import { movedRow } from './movement.ts';
import type { State, Step } from './state.ts';
import { askForSearch } from './update-prompt.ts';

/** What a key does in the list of layers. */
export function updateLayers(state: State, action: Action): Step {
  const { layers, view, wanted } = state;
  const row = movedRow(action, layers.selected, view.contents.layers.length, layoutOf(state).layers);
  if (row !== undefined) return choose({ ...state, layers: { ...layers, selected: row } }, wanted.aggregated);
  switch (action) {
    case 'open':
      return [{ ...state, focus: 'files' }];
    case 'aggregate':
      return choose(state, true);
    case 'only-layer':
      return choose(state, false);
    case 'search':
      return [askForSearch(state)];
    default:
      return [state];
  }
}

function choose(state: State, aggregated: boolean): Step {
  const choice = { layer: state.layers.selected, aggregated };
  const { wanted } = state;
  if (choice.layer === wanted.layer && aggregated === wanted.aggregated) return [state];
  return [
    { ...state, wanted: choice },
    { kind: 'stack', choice },
  ];
}
