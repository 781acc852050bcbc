import type { FileEntry, FileStatus } from '../../inspect/index.ts';
import { formatSize } from '../format.ts';
import { statusOf } from './layer-tree.ts';
import { fit, type Line, marked, span, type Style } from './screen.ts';
import type { State } from './state.ts';
import { showName } from './text.ts';
import { type Row, rowsFrom } from './tree-rows.ts';

const MARKS: Readonly<Record<FileStatus, string>> = {
  added: '+',
  changed: '~',
  removed: '-',
  unchanged: ' ',
};
const TYPE_LETTERS: Readonly<Record<FileEntry['type'], string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  hardlink: '-',
  character: 'c',
  block: 'b',
  fifo: 'p',
};
/** Deeper folders are not indented more. */
const MAX_INDENT = 16;

/** The rows of files that are on the screen: size, change, name. */
export function renderFiles(state: State, width: number, height: number): Line[] {
  const { files, focus, text } = state;
  const rows = rowsFrom(files.rows, files.top, height);
  if (rows.length === 0) return [[span(' nothing to show: Esc shows all files', 'faint')]];
  return rows.map((row) => {
    const line = fit(fileLine(state, row), width, text);
    if (row.id !== files.selected) return line;
    return marked(line, focus === 'files' ? 'selected' : 'marked');
  });
}

function fileLine({ files, attributes, text }: State, { id, depth }: Row): Line {
  const { rows } = files;
  const { tree } = rows.layers;
  const status = statusOf(rows.layers, id);
  const file = tree.file(id);
  const isFolder = file.type === 'directory';
  const arrow = !isFolder
    ? '  '
    : rows.expanded[id] === 1
      ? text.unicode
        ? '▾ '
        : 'v '
      : text.unicode
        ? '▸ '
        : '> ';
  const ownership = attributes ? ` ${formatMode(file)} ${`${file.uid}:${file.gid}`.padEnd(9)}` : '';
  const isLink = file.type === 'symlink' || file.type === 'hardlink';
  const target = isLink ? ` ${file.type === 'symlink' ? '->' : '=>'} ${showName(file.linkName, text)}` : '';
  const style = styleOf(status, file.type);
  const size = isLink ? '' : formatSize(rows.bytes[id] ?? 0);
  const name = `${showName(tree.name(id), text)}${isFolder ? '/' : ''}`;
  return [
    span(`${ownership}${size.padStart(8)} `),
    span(`${MARKS[status]} `, style),
    span(`${'  '.repeat(Math.min(depth, MAX_INDENT))}${arrow}`, 'faint'),
    span(name, style),
    span(target, 'faint'),
  ];
}

function styleOf(status: FileStatus, type: FileEntry['type']): Style {
  if (status !== 'unchanged') return status;
  if (type === 'directory') return 'folder';
  return type === 'symlink' ? 'link' : 'plain';
}

/** Type and permissions as `ls -l` shows them. */
export function formatMode({ type, mode }: Pick<FileEntry, 'type' | 'mode'>): string {
  const bits = Array.from('rwxrwxrwx', (letter, at) => (mode & (0o400 >> at) ? letter : '-'));
  const special = (at: number, bit: number, letter: string): void => {
    if ((mode & bit) !== 0) bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return `${TYPE_LETTERS[type]}${bits.join('')}`;
}
