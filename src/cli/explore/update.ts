import type { LayerTree } from './layer-tree.ts';
import { changeTree } from './files-pane.ts';
import { type Action, actionOf, type Pane } from './keys.ts';
import { scrolled } from './scroll.ts';
import type { Effect, Event, State, Step } from './state.ts';
import { updateFiles } from './update-files.ts';
import { updateHelp, updateKinds } from './update-lists.ts';
import { updateLayers } from './update-layers.ts';
import { updatePackages } from './update-packages.ts';
import { pasteInto, searched, updatePrompt } from './update-prompt.ts';
import { updateViewer } from './update-viewer.ts';
import { showKind } from './show.ts';
import { openViewer } from './viewer.ts';
import { TEXT } from './content-kinds.ts';

/** What an event makes of a state. */
export function update(state: State, event: Event): Step {
  const [next, ...effects] = stepOf(state, event);
  return [scrolled(next), ...effects];
}

function stepOf(state: State, event: Event): Step {
  switch (event.kind) {
    case 'key':
      return pressed({ ...state, message: '' }, event.key, event.text);
    case 'paste':
      return state.prompt ? pasteInto(state, state.prompt, event.text) : [state];
    case 'resize':
      return [{ ...state, size: event.size }];
    case 'stacked':
      return [withTree(state, event.layers)];
    case 'search': {
      const { prompt } = state;
      return [prompt?.kind === 'search' && prompt.text === event.text ? searched(state, event.text) : state];
    }
    case 'content':
      if (event.tree !== state.files.rows.layers.tree) return [{ ...state, busy: '' }];
      return [{ ...state, busy: '', overlay: openViewer(event.id, event.bytes) }];
    case 'text-found':
      return [showKind({ ...state, busy: '', bits: event.bits }, TEXT)];
    case 'packages':
      return [{ ...state, packages: event.packages }];
    case 'exists':
      return [{ ...state, busy: '', prompt: { kind: 'replace', text: event.target, id: event.id } }];
    case 'done':
      return [{ ...state, busy: '', message: event.message }];
  }
}

function withTree(state: State, layers: LayerTree): State {
  const { wanted } = state;
  if (layers.layer !== wanted.layer || layers.aggregated !== wanted.aggregated) return state;
  return { ...state, files: changeTree(state.files, layers, state.bits) };
}

function pressed(state: State, key: string, text: string | undefined): Step {
  if (key === 'Ctrl+C') return [state, { kind: 'quit' }];
  if (key === 'Ctrl+Z') return [state, { kind: 'suspend' }];
  if (state.prompt) return updatePrompt(state, state.prompt, key, text);
  const pane: Pane = state.overlay?.kind ?? state.focus;
  const action = actionOf(pane, key);
  return action === undefined ? [state] : acted(state, action);
}

function acted(state: State, action: Action): Step {
  const { overlay } = state;
  switch (action) {
    case 'quit':
    case 'suspend': {
      const effect: Effect = { kind: action };
      return [state, effect];
    }
    case 'help':
      return [
        { ...state, overlay: overlay?.kind === 'help' ? undefined : { kind: 'help', selected: 0, top: 0 } },
      ];
    case 'packages':
      return [
        state.packages
          ? { ...state, overlay: { kind: 'packages', selected: 0, top: 0, sort: 'name', search: '' } }
          : { ...state, message: 'The packages are still being read.' },
      ];
    case 'next-pane':
      return [overlay ? state : { ...state, focus: state.focus === 'files' ? 'layers' : 'files' }];
    default:
      break;
  }
  switch (overlay?.kind) {
    case undefined:
      return state.focus === 'layers' ? updateLayers(state, action) : updateFiles(state, action);
    case 'viewer':
      return updateViewer(state, overlay, action);
    case 'packages':
      return [updatePackages(state, overlay, action)];
    case 'kinds':
      return updateKinds(state, overlay, action);
    case 'help':
      return [updateHelp(state, overlay, action)];
  }
}
