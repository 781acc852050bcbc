import type { FileEntry } from '../../inspect/index.ts';
import { formatSize } from '../format.ts';
import { counted } from '../report/shown.ts';
import { factWords } from './fact-words.ts';
import { statusOf } from './layer-tree.ts';
import { layerCommands } from './layer-info.ts';
import { formatMode } from './render-files.ts';
import { type Line, span, wrap } from './screen.ts';
import { ownerOf, type State } from './state.ts';
import { showName } from './text.ts';
import { rowCount } from './tree-rows.ts';

const TYPES: Readonly<Record<FileEntry['type'], string>> = {
  file: 'file',
  directory: 'folder',
  symlink: 'link',
  hardlink: 'hard link',
  character: 'character device',
  block: 'block device',
  fifo: 'pipe',
};

/** What there is to say of the layer or of the file that is selected. */
export function renderDetails(state: State, width: number): Line[] {
  const facts = state.focus === 'layers' ? layerFacts(state) : fileFacts(state);
  return facts.flatMap(([name, value]) => factLines(name, showName(value, state.text), width));
}

type NamedFact = readonly [name: string, value: string];

function factLines(name: string, value: string, width: number): Line[] {
  const indent = 10;
  return wrap(value, Math.max(1, width - indent - 1)).map((part, at) => [
    span(` ${(at === 0 ? name : '').padEnd(indent - 1)}`, 'faint'),
    span(part),
  ]);
}

function layerFacts({ layers, view, files }: State): NamedFact[] {
  const layer = view.contents.layers[layers.selected];
  if (!layer) return [];
  const { descriptor } = layer.layer;
  const { counts } = files.rows.layers;
  const isShown = files.rows.layers.layer === layers.selected;
  const command = layerCommands(view.image)[layers.selected] ?? '';
  return [
    ['stored', `${formatSize(layer.layer.blob.size)}, ${formatSize(layer.unpackedSize)} unpacked`],
    ['entries', layer.entries.length.toLocaleString('en')],
    ...(isShown ? [['changes', `+${counts.added} ~${counts.changed} -${counts.removed}`] as const] : []),
    ...(command === '' ? [] : [['made by', command] as const]),
    ['digest', descriptor.digest],
    ['diffID', layer.diffId],
    ['type', descriptor.mediaType],
  ];
}

function fileFacts(state: State): NamedFact[] {
  const { files } = state;
  const { layers, bytes, files: counts } = files.rows;
  const { tree } = layers;
  const id = files.selected;
  if (rowCount(files.rows) === 0) return [];
  const file = tree.file(id);
  const owner = ownerOf(state, id);
  const isFolder = file.type === 'directory';
  const target = file.type === 'symlink' ? tree.resolve(tree.path(id)) : undefined;
  const leadsTo = target === undefined ? 'nowhere in these layers' : `/${tree.path(target)}`;
  return [
    ['path', `/${file.path}`],
    ['type', TYPES[file.type]],
    [
      'size',
      isFolder
        ? `${formatSize(bytes[id] ?? 0)} in ${counted(counts[id] ?? 0, 'file')}`
        : formatSize(file.size),
    ],
    ...(file.linkName === '' ? [] : [['link to', file.linkName] as const]),
    ...(file.type === 'symlink' ? [['leads to', leadsTo] as const] : []),
    [
      'mode',
      `${formatMode(file)} ${(file.mode & 0o7777).toString(8).padStart(4, '0')} ${file.uid}:${file.gid}`,
    ],
    ['layer', `${tree.layer(id) + 1}, ${statusOf(layers, id)}`],
    ...(owner ? [['package', `${owner.name} ${owner.version}`] as const] : []),
    ...tree
      .facts(id)
      .flatMap(factWords)
      .map((words) => ['content', words] as const),
    ...Object.keys(file.xattrs ?? {}).map((name) => ['xattr', name] as const),
    ['time', timeOf(file.mtime)],
    ...(file.digest === undefined ? [] : [['digest', file.digest] as const]),
  ];
}

/** Seconds since 1970 as ISO 8601; the number itself where there is no such date. */
function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? String(seconds)
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
