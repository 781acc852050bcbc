import { type Binding, EVERYWHERE, KEYS, type Pane } from './keys.ts';

/** Names of panes, for the help and the documentation. */
export const PANE_TITLES: Readonly<Record<Exclude<Pane, 'help'>, string>> = {
  layers: 'Layers',
  files: 'Files',
  viewer: 'Content of a file',
  packages: 'Packages',
  kinds: 'Types of content',
};

export interface HelpLine {
  readonly keys: string;
  /** Empty: `keys` is a title. */
  readonly help: string;
}

/** All keys and what they do. */
export function helpLines(): readonly HelpLine[] {
  const lineOf = ({ keys, help }: Binding): HelpLine => ({ keys: keys.join(', '), help });
  const sections = Object.entries(PANE_TITLES).flatMap(([pane, title]) => [
    { keys: '', help: '' },
    { keys: title, help: '' },
    ...KEYS[pane as Pane].map(lineOf),
  ]);
  return [{ keys: 'Everywhere', help: '' }, ...EVERYWHERE.map(lineOf), ...sections];
}
