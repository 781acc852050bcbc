import { KINDS } from './content-kinds.ts';
import { formatSize } from '../format.ts';
import { counted } from '../report/shown.ts';
import { narrows } from './files-pane.ts';
import { type Action, EVERYWHERE, KEYS, type Pane } from './keys.ts';
import { type Line, span } from './screen.ts';
import type { Prompt, State } from './state.ts';
import { showName, shortenStart } from './text.ts';

/** Keys of everywhere that come before those of the pane. */
const FIRST: readonly Action[] = ['help', 'quit', 'next-pane'];
const QUESTIONS: Readonly<Record<Prompt['kind'], string>> = {
  search: 'search (text, or pattern with * ? **):',
  find: 'search in the text:',
  packages: 'search in names:',
  extract: 'extract to:',
  replace: 'There is a file already. Replace it (y/n)?',
};

/** The two lines at the bottom: a question or how things are, and the keys. */
export function renderBottom(state: State): Line[] {
  return [state.prompt ? promptLine(state, state.prompt) : statusLine(state), keysLine(state)];
}

function promptLine({ text, size }: State, prompt: Prompt): Line {
  const question = QUESTIONS[prompt.kind];
  const room = size.columns - question.length - 4;
  return [
    span(` ${question} `, 'strong'),
    span(shortenStart(showName(prompt.text, text), room, text)),
    { text: ' ', style: 'plain', mark: 'selected' },
  ];
}

function statusLine(state: State): Line {
  const { busy, message, text } = state;
  if (busy !== '') return [span(` ${busy} ${text.unicode ? '…' : '...'}`, 'strong')];
  if (message !== '') return [span(` ${showName(message, text)}`, 'strong')];
  const { filter, rows } = state.files;
  const parts = [
    ...(filter.search === '' ? [] : [`search: ${showName(filter.search, text)}`]),
    ...(filter.kind === undefined ? [] : [`type: ${KINDS[filter.kind]?.title ?? ''}`]),
    ...(filter.set ? [showName(filter.set.title, text)] : []),
    ...(filter.hidden.length === 0 ? [] : [`hidden: ${filter.hidden.join(', ')}`]),
  ];
  if (parts.length === 0 || state.overlay) return [];
  const found = `${counted(rows.files[0] ?? 0, 'file')}, ${formatSize(rows.bytes[0] ?? 0)}`;
  const hint = narrows(filter) || filter.hidden.length > 0 ? '  (Esc shows all)' : '';
  return [span(` ${parts.join('  ')}`, 'strong'), span(`  ${found}`), span(hint, 'faint')];
}

function keysLine({ overlay, focus, prompt }: State): Line {
  if (prompt)
    return hintsLine(
      prompt.kind === 'replace'
        ? [
            ['y', 'replace'],
            ['n', 'leave it'],
          ]
        : [
            ['Enter', 'go on'],
            ['Esc', 'cancel'],
            ['Ctrl+U', 'clear'],
          ],
    );
  const pane: Pane = overlay?.kind ?? focus;
  const first = overlay ? [] : EVERYWHERE.filter(({ action }) => FIRST.includes(action));
  const last = overlay ? [] : EVERYWHERE.filter(({ action }) => !FIRST.includes(action));
  return hintsLine(
    [...first, ...KEYS[pane], ...last].flatMap(({ keys: [key = ''], hint }): [string, string][] =>
      hint === undefined ? [] : [[key, hint]],
    ),
  );
}

function hintsLine(hints: readonly (readonly [string, string])[]): Line {
  return hints.flatMap(([key, hint]) => [span(' '), span(key, 'strong'), span(` ${hint} `)]);
}
