import { createReadStream } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PithError, systemCode } from '../core/index.ts';

/** Files to read images from: a folder, or the members of an archive. Nothing in them is trusted. */
export interface FileTree {
  /** What it is called in errors. */
  readonly name: string;
  /** Size in bytes of the regular file at a path, undefined if there is nothing. @throws IMAGE_INVALID for anything else */
  sizeOf(path: string): Promise<number | undefined>;
  /** The bytes of a regular file. */
  open(path: string): AsyncIterable<Uint8Array>;
}

const CHUNK_SIZE = 1 << 20;

/** The files of a folder. Links in it are not followed. @throws UNKNOWN_IMAGE if there is no folder */
export async function folderTree(root: string): Promise<FileTree> {
  const info = await stat(root).catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT' ? notFound(root) : error;
  });
  if (!info.isDirectory())
    throw new PithError('IMAGE_INVALID', `${root} is not a folder`, {
      path: root,
      hint: 'An archive is read with oci-archive: or docker-archive:.',
    });
  return {
    name: root,
    async sizeOf(path) {
      try {
        const info = await lstat(join(root, path));
        if (!info.isFile()) throw notAFile(root, path);
        return info.size;
      } catch (error) {
        if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
        throw error;
      }
    },
    open: (path) => createReadStream(join(root, path), { highWaterMark: CHUNK_SIZE }),
  };
}

/** `length` bytes of a file. */
export async function* readRange(path: string, offset: number, length: number): AsyncGenerator<Uint8Array> {
  if (length === 0) return;
  yield* createReadStream(path, {
    start: offset,
    end: offset + length - 1,
    highWaterMark: CHUNK_SIZE,
  }) as AsyncIterable<Uint8Array>;
}

/** Reads a small file of a tree whole. @throws IMAGE_INVALID if it is missing or larger than `limit` */
export async function readSmall(tree: FileTree, path: string, limit: number): Promise<Uint8Array> {
  const size = await tree.sizeOf(path);
  if (size === undefined)
    throw new PithError('IMAGE_INVALID', `${tree.name}: ${path} is missing`, { path: tree.name });
  if (size > limit)
    throw new PithError(
      'IMAGE_INVALID',
      `${tree.name}: ${path} has ${size} bytes, more than the ${limit} that are allowed`,
      {
        path: tree.name,
      },
    );
  const pieces: Uint8Array[] = [];
  let read = 0;
  for await (const piece of tree.open(path)) {
    read += piece.length;
    if (read > size) break;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function notAFile(name: string, path: string): PithError {
  return new PithError('IMAGE_INVALID', `${name}: ${path} is not a regular file`, { path: name });
}

export function notFound(path: string): PithError {
  return new PithError('UNKNOWN_IMAGE', `${path} does not exist`, {
    path,
    hint: 'Check the path of the location.',
  });
}
