import { TYPE_FLAG } from '../../archive/index.ts';
import { byText, safeJson } from '../../core/index.ts';
import type { Image } from '../../oci/index.ts';
import type { Entries } from '../entries.ts';
import type { FileEntry, ImageContents, LayerContents } from '../model.ts';
import { measureDive } from './measure.ts';

/** Entries that are written at once. */
const BATCH = 1000;
/** Bits of os.FileMode of the Go language (package io/fs, constants Mode…). */
const MODE_BITS: Readonly<Record<FileEntry['type'], number>> = {
  file: 0,
  hardlink: 0,
  directory: 2 ** 31,
  symlink: 2 ** 27,
  block: 2 ** 26,
  character: 2 ** 26 + 2 ** 21,
  fifo: 2 ** 25,
};
const [SETUID, SETGID, STICKY] = [2 ** 23, 2 ** 22, 2 ** 20];
/** The JSON of `dive IMAGE --json FILE`, member by member, in pieces that follow each other. */
export function* exportForDive({ image, layers }: ImageContents): Generator<string> {
  const commands = commandsOf(image);
  yield '{\n  "layer": [';
  for (const [index, contents] of layers.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${openObject({
      index,
      id: contents.layer.diffId.replace(/^sha256:/, ''),
      digestId: contents.layer.diffId,
      sizeBytes: sizeOf(contents),
      command: commands[index] ?? '(missing)',
    })},"fileList":[`;
    yield* listFiles(contents.entries);
    yield ']}';
  }
  const { sizeBytes, inefficientBytes, efficiencyScore, inefficientFiles } = measureDive(layers);
  const fileReference = inefficientFiles.map(({ path, count, bytes }) => ({
    count,
    sizeBytes: bytes,
    file: path.toWellFormed(),
  }));
  const figures = { sizeBytes, inefficientBytes, efficiencyScore, fileReference };
  yield `\n  ],\n  "image": ${safeJson(figures)}\n}\n`;
}

/** The commands of the layers: history that made no layer is left out. */
function commandsOf({ config }: Image): string[] {
  const steps = (config.history ?? []).filter((step) => step.empty_layer !== true);
  return steps.map(({ created_by = '' }) => created_by.replace(/^\/bin\/sh -c /, ''));
}

function sizeOf({ entries }: LayerContents): number {
  return entries.columns.sizes.reduce((sum, size) => sum + size, 0);
}

function openObject(value: object): string {
  return safeJson(value).slice(0, -1);
}

/** The entries of a layer as a tree, what is in a folder before it; folders that only paths below them name have no values. */
function* listFiles(entries: Entries): Generator<string> {
  const last = new Map<string, number>();
  for (let at = 0; at < entries.length; at++) {
    const path = entries.path(at);
    if (path === '.') continue;
    const special = /(?:^|\/)\.wh\.\.wh\./.exec(path);
    addFolders(
      last,
      special ? path.slice(0, special.index) : path.slice(0, Math.max(0, path.lastIndexOf('/'))),
    );
    if (!special) last.set(path, at);
  }
  const paths = [...last.keys()].sort(byTree);
  for (let from = 0; from < paths.length; from += BATCH) {
    const files = paths.slice(from, from + BATCH).map((path) => {
      const at = last.get(path) ?? -1;
      return safeJson(at < 0 ? NO_ENTRY : fileInfo(entries.get(at)));
    });
    yield `${from === 0 ? '' : ','}\n${files.join(',\n')}`;
  }
}

const NO_ENTRY = { path: '', typeFlag: 0, linkName: '', size: 0, fileMode: 0, uid: 0, gid: 0, isDir: false };

function addFolders(paths: Map<string, number>, folder: string): void {
  for (let at = folder; at !== '' && !paths.has(at); at = at.slice(0, Math.max(0, at.lastIndexOf('/'))))
    paths.set(at, -1);
}

/** Name after name; what is below a folder comes before it. */
function byTree(a: string, b: string): number {
  if (a.startsWith(`${b}/`)) return -1;
  if (b.startsWith(`${a}/`)) return 1;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const start = a.lastIndexOf('/', at - 1) + 1;
  return byText(nameAt(a, start), nameAt(b, start));
}

function nameAt(path: string, start: number): string {
  const end = path.indexOf('/', start);
  return end < 0 ? path.slice(start) : path.slice(start, end);
}

function fileInfo(file: FileEntry): typeof NO_ENTRY {
  const { path, type, linkName, size, mode, uid, gid } = file;
  const special = (mode & 0o4000 ? SETUID : 0) + (mode & 0o2000 ? SETGID : 0) + (mode & 0o1000 ? STICKY : 0);
  return {
    path: path.toWellFormed(),
    typeFlag: TYPE_FLAG[type].charCodeAt(0),
    linkName: linkName.toWellFormed(),
    size,
    fileMode: MODE_BITS[type] + special + (mode & 0o777),
    uid,
    gid,
    isDir: type === 'directory',
  };
}
