import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageFile } from './image-files.ts';

/** What is compared of a file: type, mode, owner, time, and what it holds or points to. */
export type FileFacts = Readonly<Record<'type' | 'mode' | 'uid' | 'gid' | 'mtime' | 'is', string | number>>;

/** A file system as a folder of this machine has it, by path without slashes at the ends; the root is ''. */
export function factsOfFolder(folder: string): Map<string, FileFacts> {
  return sorted(
    pathsBelow(folder, '').map((path) => {
      const full = join(folder, path);
      const stat = lstatSync(full);
      const [type, is] = stat.isSymbolicLink()
        ? ['symlink', readlinkSync(full)]
        : stat.isDirectory()
          ? ['directory', '']
          : ['file', createHash('sha256').update(readFileSync(full)).digest('hex')];
      return [
        path,
        factsOf({ type, mode: stat.mode, uid: stat.uid, gid: stat.gid, mtime: stat.mtimeMs / 1000, is }),
      ];
    }),
  );
}

/** The same facts of an image's files. */
export function factsOfImage(files: ReadonlyMap<string, ImageFile>): Map<string, FileFacts> {
  return sorted(
    [...files].map(([path, { type, mode, uid, gid, mtime, linkName, digest }]) => {
      const is = type === 'symlink' ? linkName : type === 'file' ? digest : '';
      return [path, factsOf({ type, mode, uid, gid, mtime, is })];
    }),
  );
}

/** Follows no links, which `readdir` with `recursive` does in some releases of Node.js. */
function pathsBelow(folder: string, path: string): string[] {
  const below = readdirSync(join(folder, path), { withFileTypes: true }).flatMap((item) => {
    const name = path === '' ? item.name : `${path}/${item.name}`;
    return item.isDirectory() ? pathsBelow(folder, name) : [name];
  });
  return [path, ...below];
}

/** The mode of a symbolic link means nothing. */
function factsOf(facts: FileFacts): FileFacts {
  return {
    ...facts,
    mode: facts.type === 'symlink' ? 0 : Number(facts.mode) & 0o7777,
    mtime: Math.floor(Number(facts.mtime)),
  };
}

function sorted(facts: [string, FileFacts][]): Map<string, FileFacts> {
  return new Map(facts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
