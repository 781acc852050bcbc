import { posix } from 'node:path';
import { type ImageTree, type ImageView, readFiles } from '../inspect/index.ts';
import { formatPlatform, platformOfConfig, type RunConfig } from '../oci/index.ts';

/** A file that a test reads may have this many bytes: all of it is held in memory. */
const MAX_CONTENT = 64 << 20;

/** What lstat(2) says of a file. */
export interface TestedFile {
  readonly type: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo';
  /** Permission bits with setuid, setgid and sticky (octal 7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What a path leads to: text, or why there is none. */
export type TestedText = { readonly text: string } | { readonly fault: string };

/** What structure tests need of an image. Paths are of the image, with or without `/` before them. */
export interface TestedImage {
  /** Such as `linux/amd64`. */
  readonly platform: string;
  readonly config: RunConfig;
  /** The file at a path; a link at its end is not followed, links on the way are, inside the image. */
  stat(path: string): TestedFile | undefined;
  /** The path without links that a path leads to; undefined if it leads nowhere. */
  realPath(path: string): string | undefined;
  /** Names of the folders in a folder, links to folders not counted; undefined if it is none. */
  folders(path: string): readonly string[] | undefined;
  /** The contents that paths lead to, by path. */
  read(paths: Iterable<string>): Promise<ReadonlyMap<string, TestedText>>;
}

/** Tests read an image from its layers: nothing is unpacked, each layer is passed over once for all files that are read. */
export function openTestedImage({ contents, tree, image }: ImageView, signal?: AbortSignal): TestedImage {
  const { config } = image;
  const statOf = (path: string): TestedFile | undefined => {
    const id = tree.resolve(plain(path), { followLast: false });
    if (id === undefined) return undefined;
    const { type, mode, uid, gid } = tree.file(tree.contentOf(id) ?? id);
    return { type: type === 'hardlink' ? 'file' : type, mode, uid, gid };
  };
  return {
    platform: formatPlatform(platformOfConfig(config)),
    config: config.config ?? {},
    stat: statOf,
    realPath(path) {
      const id = tree.resolve(path);
      return id === undefined ? undefined : `/${id === tree.root ? '' : tree.path(id)}`;
    },
    folders(path) {
      const id = tree.resolve(plain(path));
      if (id === undefined || tree.type(id) !== 'directory') return undefined;
      return tree
        .children(id)
        .filter((child) => tree.type(child) === 'directory')
        .map((child) => tree.name(child));
    },
    async read(paths) {
      const found = new Map([...paths].map((path) => [path, contentOf(tree, path)] as const));
      const ids = new Set([...found.values()].filter((one) => typeof one === 'number'));
      const bytes = await readFiles(contents, tree, ids, signal);
      const texts = new Map<number, string>();
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      for (const [id, content] of bytes) texts.set(id, decoder.decode(content));
      return new Map(
        [...found].map(([path, one]) => [
          path,
          typeof one === 'number' ? { text: texts.get(one) ?? '' } : one,
        ]),
      );
    },
  };
}

/** The node whose content a path leads to, or why there is none. */
function contentOf(tree: ImageTree, path: string): number | { readonly fault: string } {
  const id = tree.resolve(plain(path));
  if (id === undefined) return { fault: 'it is not there' };
  const content = tree.contentOf(id);
  if (content === undefined)
    return { fault: tree.type(id) === 'directory' ? 'it is a folder' : 'it is no regular file' };
  if (tree.size(content) > MAX_CONTENT) return { fault: `it is larger than ${MAX_CONTENT} bytes` };
  return content;
}

/** Paths are made plain before they are looked up, `..` too: a slash at the end follows no link and asks for no folder. */
function plain(path: string): string {
  return posix.normalize(`/${path}`).replace(/\/$/, '');
}
