/** What of a key press `node:readline` tells. */
export interface KeyPress {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly shift?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  return: 'Enter',
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  space: 'Space',
  backspace: 'Backspace',
  delete: 'Delete',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PageUp',
  pagedown: 'PageDown',
  home: 'Home',
  end: 'End',
};

/**
 * The name of a key as documentation writes it: `a`, `G`, `Ctrl+A`, `Shift+Tab`, `PageUp`; undefined for one that has none.
 * @param text the character that it types, if it does
 */
export function nameOfKey(text: string | undefined, key: KeyPress): string | undefined {
  if (key.meta === true && key.name !== 'escape') return undefined;
  if (key.sequence === '\x00') return 'Ctrl+Space';
  const named = NAMES[key.name ?? ''];
  if (named !== undefined) return key.shift === true && named === 'Tab' ? 'Shift+Tab' : named;
  if (key.ctrl === true) return key.name?.length === 1 ? `Ctrl+${key.name.toUpperCase()}` : undefined;
  return text !== undefined && Array.from(text).length === 1 && !/\p{Cc}/u.test(text) ? text : undefined;
}

/** Where keys go. */
export type Pane = 'layers' | 'files' | 'viewer' | 'packages' | 'kinds' | 'help';

export type Action =
  | 'quit'
  | 'suspend'
  | 'help'
  | 'close'
  | 'next-pane'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'left'
  | 'right'
  | 'open'
  | 'collapse'
  | 'collapse-all'
  | 'expand-all'
  | 'aggregate'
  | 'only-layer'
  | 'search'
  | 'sort'
  | 'kinds'
  | 'largest'
  | 'next-largest'
  | 'follow'
  | 'back'
  | 'owner'
  | 'packages'
  | 'unowned'
  | 'view'
  | 'hex'
  | 'extract'
  | 'attributes'
  | 'added'
  | 'removed'
  | 'changed'
  | 'unchanged'
  | 'next-match'
  | 'previous-match';

export interface Binding {
  readonly keys: readonly string[];
  readonly action: Action;
  /** What it does, for the help and the documentation. */
  readonly help: string;
  /** One word for the line of keys at the bottom; those without are in the help only. */
  readonly hint?: string;
}

const MOVES: readonly Binding[] = [
  { keys: ['Up', 'k'], action: 'up', help: 'one row up' },
  { keys: ['Down', 'j'], action: 'down', help: 'one row down' },
  { keys: ['PageUp', 'K'], action: 'page-up', help: 'one page up' },
  { keys: ['PageDown', 'J'], action: 'page-down', help: 'one page down' },
  { keys: ['Home', 'g'], action: 'first', help: 'to the first row' },
  { keys: ['End', 'G'], action: 'last', help: 'to the last row' },
];
const CLOSE: Binding = { keys: ['Esc', 'q'], action: 'close', help: 'close', hint: 'close' };
const QUIT: Binding = { keys: ['q', 'Ctrl+C'], action: 'quit', help: 'quit', hint: 'quit' };

/** Keys that mean the same everywhere, unless the pane has another meaning for them. */
export const EVERYWHERE: readonly Binding[] = [
  { keys: ['?'], action: 'help', help: 'all keys', hint: 'help' },
  { keys: ['Tab', 'Shift+Tab'], action: 'next-pane', help: 'to the other pane', hint: 'other side' },
  { keys: ['p'], action: 'packages', help: 'the packages of the image', hint: 'packages' },
  { keys: ['Ctrl+Z'], action: 'suspend', help: 'stop for now (`fg` of the shell goes on)' },
  QUIT,
];

/** All keys, by pane. */
export const KEYS: Readonly<Record<Pane, readonly Binding[]>> = {
  layers: [
    ...MOVES,
    { keys: ['Enter', 'Right', 'l'], action: 'open', help: 'to the files', hint: 'files' },
    {
      keys: ['a', 'Ctrl+A'],
      action: 'aggregate',
      help: 'changes of all layers up to this one against the first',
      hint: 'all changes',
    },
    { keys: ['c', 'Ctrl+L'], action: 'only-layer', help: 'changes of this layer alone', hint: 'this layer' },
    { keys: ['/', 'Ctrl+F'], action: 'search', help: 'search in the files', hint: 'search' },
  ],
  files: [
    ...MOVES,
    { keys: ['Enter'], action: 'open', help: 'open: a folder, a link’s target, a file', hint: 'open' },
    { keys: ['Right', 'l'], action: 'right', help: 'expand the folder, or go into it' },
    { keys: ['Left', 'h'], action: 'left', help: 'collapse the folder, or go to the one above' },
    { keys: ['Space'], action: 'collapse', help: 'collapse or expand the folder' },
    { keys: ['-', 'Ctrl+Space'], action: 'collapse-all', help: 'collapse all folders' },
    { keys: ['+', '*'], action: 'expand-all', help: 'expand all folders' },
    {
      keys: ['/', 'Ctrl+F'],
      action: 'search',
      help: 'show what has this text or pattern in its path',
      hint: 'search',
    },
    { keys: ['s', 'Ctrl+O'], action: 'sort', help: 'sort by name, size or change', hint: 'sort' },
    { keys: ['t'], action: 'kinds', help: 'show one type of content', hint: 'type' },
    { keys: ['a', 'Ctrl+A'], action: 'added', help: 'hide or show what was added' },
    { keys: ['r', 'Ctrl+R'], action: 'removed', help: 'hide or show what was removed' },
    { keys: ['m'], action: 'changed', help: 'hide or show what was changed' },
    { keys: ['u', 'Ctrl+U'], action: 'unchanged', help: 'hide or show what is unchanged' },
    { keys: ['b'], action: 'largest', help: 'to the largest file that is shown', hint: 'biggest' },
    { keys: ['n'], action: 'next-largest', help: 'to the next largest file' },
    { keys: ['f'], action: 'follow', help: 'follow the link' },
    { keys: ['Backspace'], action: 'back', help: 'back to where the last jump began' },
    { keys: ['o'], action: 'owner', help: 'show the files of the package that owns this one' },
    { keys: ['v'], action: 'view', help: 'view the content' },
    { keys: ['e', 'Ctrl+E'], action: 'extract', help: 'extract to the disk', hint: 'extract' },
    { keys: ['i', 'Ctrl+B'], action: 'attributes', help: 'show or hide mode and owner' },
    { keys: ['Esc'], action: 'close', help: 'show all files again' },
  ],
  viewer: [
    ...MOVES,
    { keys: ['Space'], action: 'page-down', help: 'one page down' },
    { keys: ['Left', 'h'], action: 'left', help: 'to the left' },
    { keys: ['Right', 'l'], action: 'right', help: 'to the right' },
    { keys: ['/', 'Ctrl+F'], action: 'search', help: 'search in the text', hint: 'search' },
    { keys: ['n'], action: 'next-match', help: 'to the next match', hint: 'next' },
    { keys: ['N'], action: 'previous-match', help: 'to the previous match' },
    { keys: ['x'], action: 'hex', help: 'bytes in hex, or text', hint: 'hex' },
    { keys: ['e', 'Ctrl+E'], action: 'extract', help: 'extract to the disk', hint: 'extract' },
    CLOSE,
  ],
  packages: [
    ...MOVES,
    { keys: ['Enter'], action: 'open', help: 'show the files of the package', hint: 'its files' },
    { keys: ['/', 'Ctrl+F'], action: 'search', help: 'search by name', hint: 'search' },
    { keys: ['s', 'Ctrl+O'], action: 'sort', help: 'sort by name or size', hint: 'sort' },
    { keys: ['u'], action: 'unowned', help: 'show the files of no package', hint: 'files of none' },
    CLOSE,
  ],
  kinds: [...MOVES, { keys: ['Enter'], action: 'open', help: 'show these files', hint: 'show' }, CLOSE],
  help: [...MOVES, CLOSE],
};

/** What a key means in a pane; undefined if nothing. */
export function actionOf(pane: Pane, key: string): Action | undefined {
  return [...KEYS[pane], ...EVERYWHERE].find(({ keys }) => keys.includes(key))?.action;
}
