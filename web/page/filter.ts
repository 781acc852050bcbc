import { CHANGE, DIRECTORY, textAt, type Tree } from './tree.ts';

/** What entries are looked for by; everything that is said has to hold. */
export interface Filter {
  /** A part of the name, or of the path if it has a slash; the case of letters does not matter. */
  readonly text: string;
  readonly layer?: number;
  readonly package?: number;
  readonly kind?: 'setuid' | 'world-writable' | 'links' | 'unowned';
  /** Of a difference. */
  readonly change?: 'any' | 'added' | 'removed' | 'changed';
}

export interface Matches {
  /** 1 for a match, 2 for a folder above one, 0 for the rest. */
  readonly marks: Uint8Array;
  readonly count: number;
}

const SLICE = 1 << 11;
const SETUID_OR_SETGID = 0o6000;
const STICKY = 0o1000;
const WRITABLE_BY_ALL = 0o002;
const SYMLINK = 2;
const HARD_LINK = 3;

/** Whether a filter lets everything pass. */
export function isOpen({ text, ...rest }: Filter): boolean {
  return text === '' && Object.keys(rest).length === 0;
}

/** Finds what matches, in slices. */
export function* findMatches(tree: Tree, filter: Filter): Generator<undefined, Matches> {
  const marks = new Uint8Array(tree.count);
  const matchesText = textMatcher(tree, filter.text.toLowerCase());
  let count = 0;
  for (let entry = 0; entry < tree.count; entry++) {
    // The text is asked always: it keeps track of the folders on the way.
    if (matchesText(entry) && matchesRest(tree, filter, entry)) {
      marks[entry] = 1;
      count++;
      for (let above = tree.parents[entry] ?? -1; above >= 0 && marks[above] === 0;) {
        marks[above] = 2;
        above = tree.parents[above] ?? -1;
      }
    }
    if (entry % SLICE === SLICE - 1) yield;
  }
  return { marks, count };
}

/** Has to be asked for every entry, in their order. */
function textMatcher(tree: Tree, text: string): (entry: number) => boolean {
  if (text === '') return (entry) => entry > 0;
  if (!text.includes('/')) return (entry) => textAt(tree.names, entry).toLowerCase().includes(text);
  const paths: string[] = [];
  return (entry) => {
    const depth = tree.depths[entry] ?? 0;
    const path = entry === 0 ? '' : `${paths[depth - 1] ?? ''}/${textAt(tree.names, entry).toLowerCase()}`;
    paths[depth] = path;
    return path.includes(text);
  };
}

function matchesRest(tree: Tree, filter: Filter, entry: number): boolean {
  if (filter.layer !== undefined && tree.layers[entry] !== filter.layer) return false;
  if (filter.package !== undefined && tree.packages[entry] !== filter.package) return false;
  if (filter.kind !== undefined && !isOfKind(tree, filter.kind, entry)) return false;
  if (filter.change === undefined) return true;
  const change = tree.difference?.changes[entry] ?? CHANGE.same;
  if (filter.change === 'any') return change !== CHANGE.same;
  if (filter.change === 'changed') return change === CHANGE.content || change === CHANGE.metadata;
  return change === CHANGE[filter.change];
}

function isOfKind(tree: Tree, kind: NonNullable<Filter['kind']>, entry: number): boolean {
  const mode = tree.modes[entry] ?? 0;
  const type = tree.types[entry] ?? 0;
  const isLink = type === SYMLINK || type === HARD_LINK;
  switch (kind) {
    case 'setuid':
      return (mode & SETUID_OR_SETGID) !== 0 && type !== DIRECTORY && !isLink;
    case 'world-writable':
      return (mode & WRITABLE_BY_ALL) !== 0 && !isLink && !(type === DIRECTORY && (mode & STICKY) !== 0);
    case 'links':
      return isLink;
    case 'unowned':
      return type !== DIRECTORY && tree.packages[entry] === -1;
  }
}
