import { changeFilter } from './files-pane.ts';
import type { Prompt, State, Step } from './state.ts';
import { find } from './viewer.ts';

/** What no path of the disk should be suggested with. */
const ODD = /[\p{C}\p{Zl}\p{Zp}/\\]/gu;

export function askForSearch(state: State): State {
  return {
    ...state,
    focus: 'files',
    prompt: { kind: 'search', text: state.files.filter.search, before: state.files },
  };
}

/** Asks for the place on the disk that a file or folder is extracted to. */
export function askWhereTo(state: State, id: number): State {
  const { tree } = state.files.rows.layers;
  const content = tree.type(id) === 'symlink' ? tree.resolve(tree.path(id)) : id;
  const type = content === undefined ? undefined : tree.type(content);
  if (content === undefined || (type !== 'directory' && tree.contentOf(content) === undefined))
    return { ...state, message: 'It has no content to extract.' };
  return { ...state, prompt: { kind: 'extract', text: `./${tree.name(id).replace(ODD, '_')}`, id } };
}

/** What a key does to a question at the bottom. */
export function updatePrompt(state: State, prompt: Prompt, key: string, text: string | undefined): Step {
  if (prompt.kind === 'replace') return answer(state, prompt, key);
  switch (key) {
    case 'Enter':
      return entered({ ...state, prompt: undefined }, prompt);
    case 'Esc':
      return [cancelled({ ...state, prompt: undefined }, prompt)];
    case 'Backspace':
      return typed(state, prompt, Array.from(prompt.text).slice(0, -1).join(''));
    case 'Ctrl+U':
      return typed(state, prompt, '');
    case 'Ctrl+W':
      return typed(state, prompt, prompt.text.replace(/[^\s/]*[\s/]*$/, ''));
    default:
      return text === undefined ? [state] : typed(state, prompt, prompt.text + text);
  }
}

/** Text that was pasted is typed, without line ends. */
export function pasteInto(state: State, prompt: Prompt, text: string): Step {
  return prompt.kind === 'replace'
    ? [state]
    : typed(state, prompt, prompt.text + text.replace(/\p{Cc}/gu, ''));
}

function typed(state: State, prompt: Exclude<Prompt, { kind: 'replace' }>, text: string): Step {
  const next = { ...state, prompt: { ...prompt, text } };
  if (prompt.kind === 'search') return [next, { kind: 'search', text }];
  if (prompt.kind === 'packages' && state.overlay?.kind === 'packages')
    return [{ ...next, overlay: { ...state.overlay, search: text, selected: 0 } }];
  return [next];
}

/** With the files that a text finds, unless these are shown already. */
export function searched(state: State, text: string): State {
  const { filter } = state.files;
  return filter.search === text
    ? state
    : { ...state, files: changeFilter(state.files, { ...filter, search: text }, state.bits) };
}

function entered(state: State, prompt: Exclude<Prompt, { kind: 'replace' }>): Step {
  const { tree } = state.files.rows.layers;
  const { overlay } = state;
  if (prompt.kind === 'search') return [searched(state, prompt.text)];
  if (prompt.kind === 'extract' && prompt.text !== '')
    return [
      { ...state, busy: 'extracting' },
      { kind: 'extract', tree, id: prompt.id, target: prompt.text, replaces: false },
    ];
  if (prompt.kind === 'find' && prompt.text !== '' && overlay?.kind === 'viewer') {
    const found = find(overlay, prompt.text, 1);
    return [found ? { ...state, overlay: found } : { ...state, message: 'It is not in this file.' }];
  }
  return [state];
}

function cancelled(state: State, prompt: Prompt): State {
  if (prompt.kind === 'search') return { ...state, files: prompt.before };
  if (prompt.kind === 'packages' && state.overlay?.kind === 'packages')
    return { ...state, overlay: { ...state.overlay, search: '' } };
  return state;
}

function answer(state: State, { id, text }: Prompt & { kind: 'replace' }, key: string): Step {
  const { tree } = state.files.rows.layers;
  const next = { ...state, prompt: undefined };
  if (key !== 'y' && key !== 'Y') return [{ ...next, message: 'Nothing was extracted.' }];
  return [
    { ...next, busy: 'extracting' },
    { kind: 'extract', tree, id, target: text, replaces: true },
  ];
}
