import { PithError } from '../core/index.ts';
import type { ListedFile } from './segment.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

interface Node {
  file?: ListedFile;
  /** Number of the layer that put it there. */
  layer: number;
  readonly children: Map<string, Node>;
}

/**
 * The files of an image as its layers make them, one after the other: later entries replace earlier ones, and whiteouts
 * remove what layers below have put there (OCI image-spec 1.1, layer.md, "Applying Changesets" and "Whiteouts").
 */
export class LayeredFiles {
  readonly #root: Node = { layer: 0, children: new Map() };
  #layer = 0;

  /** What is added from now on is of the next layer. */
  startLayer(): void {
    this.#layer++;
  }

  /**
   * Adds an entry of the layer. Its path has no slash at either end; the root itself is `.`.
   * @throws PithError IMAGE_INVALID for an entry below something that is no folder
   */
  add(file: ListedFile): void {
    if (file.path === '.') {
      this.#root.file = file;
      return;
    }
    const parts = file.path.split('/');
    const name = parts.pop() ?? '';
    const above = this.#folder(parts, file.path);
    if (name === OPAQUE) this.#removeLower(above);
    else if (name.startsWith(WHITEOUT)) this.#remove(above, name.slice(WHITEOUT.length));
    else this.#put(above, name, file);
  }

  /** Each file once, folders before what is in them. */
  files(): ListedFile[] {
    const files: ListedFile[] = [];
    const waiting: Node[] = [this.#root];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (node.file) files.push(node.file);
      waiting.push(...node.children.values());
    }
    return files;
  }

  /** The entry at a path, if there is one. */
  get(path: string): ListedFile | undefined {
    let node: Node | undefined = this.#root;
    for (const part of path === '.' ? [] : path.split('/')) node = node?.children.get(part);
    return node?.file;
  }

  #folder(parts: readonly string[], path: string): Node {
    let node = this.#root;
    for (const part of parts) {
      let next = node.children.get(part);
      if (next?.file && next.file.type !== 'directory')
        throw new PithError(
          'IMAGE_INVALID',
          `the layers of the image put ${JSON.stringify(path)} below ${JSON.stringify(next.file.path)}, which is no folder`,
        );
      if (!next) {
        next = { layer: this.#layer, children: new Map() };
        node.children.set(part, next);
      }
      node = next;
    }
    return node;
  }

  #put(above: Node, name: string, file: ListedFile): void {
    const before = above.children.get(name);
    const isSameFolder = file.type === 'directory' && (before?.file?.type ?? 'directory') === 'directory';
    if (before && isSameFolder) {
      before.file = file;
      before.layer = this.#layer;
    } else above.children.set(name, { file, layer: this.#layer, children: new Map() });
  }

  /** A whiteout hides what lower layers have; what its own layer adds stays, whatever the order of entries. */
  #remove(above: Node, name: string): void {
    const node = above.children.get(name);
    if (!node) return;
    this.#removeLower(node);
    if (node.layer < this.#layer && node.children.size === 0) above.children.delete(name);
  }

  #removeLower(node: Node): void {
    const waiting: Node[] = [node];
    const folders: Node[] = [];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      folders.push(next);
      waiting.push(...next.children.values());
    }
    for (const folder of folders.reverse())
      for (const [name, child] of folder.children)
        if (child.layer < this.#layer && child.children.size === 0) folder.children.delete(name);
  }
}
