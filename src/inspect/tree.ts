import type { TarEntryType } from '../archive/index.ts';
import { byText } from '../core/index.ts';
import type { Fact } from './facts.ts';
import type { FileEntry, LayerContents } from './model.ts';
import { type FileStatus, type LayerChanges, TreeChanges } from './tree/changes.ts';
import { NO_ENTRY, TreeNodes } from './tree/nodes.ts';
import { Stacking, type StackFlaw } from './tree/stacking.ts';

export type { FileStatus, LayerChanges } from './tree/changes.ts';
export type { StackFlaw } from './tree/stacking.ts';

/** As many links as Linux follows for one path (path_resolution(7)). */
const MAX_LINKS = 40;
const IMPLICIT: Omit<FileEntry, 'path'> = {
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  linkName: '',
};

export interface StackOptions {
  /** Number of the last layer that is applied, from 0; all unless told. */
  readonly upTo?: number;
  /** Number of the first layer whose changes are the status of a file; that of the last one unless told. */
  readonly since?: number;
  /** Keeps what these layers remove in the tree, with the status `removed`. */
  readonly keepRemoved?: boolean;
  /** Told of each file and folder that a layer removes, while the tree still knows what it was. */
  readonly onRemoved?: RemovedListener;
}

export type RemovedListener = (tree: ImageTree, id: number, layer: number) => void;

/** Bytes and files at and below each node, by number; a hard link has no bytes of its own. */
export interface TreeTotals {
  readonly bytes: Float64Array;
  readonly files: Uint32Array;
}

/**
 * The files of an image as its layers make them, one on the other (OCI image-spec 1.1, layer.md, "Applying Changesets").
 * Nodes are numbers from 0, the root; a folder has a smaller number than what is in it. Paths have no slash at either
 * end; the root's is `.`.
 */
export class ImageTree {
  readonly root = 0;
  readonly layers: readonly LayerContents[];
  readonly #nodes: TreeNodes;
  readonly #changes: TreeChanges;
  readonly #keepRemoved: boolean;
  readonly #stacking: Stacking;
  #totals: TreeTotals | undefined;

  private constructor(
    layers: readonly LayerContents[],
    { upTo = layers.length - 1, since = upTo, keepRemoved = false, onRemoved }: StackOptions,
  ) {
    const last = Math.min(upTo, layers.length - 1);
    this.layers = layers;
    this.#nodes = new TreeNodes();
    this.#changes = new TreeChanges(Math.min(since, last));
    this.#keepRemoved = keepRemoved;
    this.#stacking = new Stacking(this, this.#nodes, this.#changes, (id, layer) =>
      onRemoved?.(this, id, layer),
    );
    for (const [layer, contents] of layers.slice(0, last + 1).entries())
      this.#stacking.apply(contents, layer);
  }

  static stack(layers: readonly LayerContents[], options: StackOptions = {}): ImageTree {
    return new ImageTree(layers, options);
  }

  get flaws(): readonly StackFlaw[] {
    return this.#stacking.flaws;
  }

  /** One more than the highest number; some below it may be {@link isThere gone}. */
  get count(): number {
    return this.#nodes.count;
  }

  /** Whether a node is in the image (or removed by the last layer and kept). */
  isThere(id: number): boolean {
    return (
      id < this.#nodes.count &&
      (this.#nodes.gone[id] === 0 || (this.#keepRemoved && this.status(id) === 'removed'))
    );
  }

  name(id: number): string {
    return this.#nodes.names[id] ?? '';
  }

  /** The folder that a node is in; the root is in itself. */
  parent(id: number): number {
    return this.#nodes.parents[id] ?? 0;
  }

  path(id: number): string {
    if (id === this.root) return '.';
    const parts: string[] = [];
    for (let at = id; at !== this.root; at = this.parent(at)) parts.push(this.name(at));
    return parts.reverse().join('/');
  }

  /** The number of the layer that the file is from; of a folder, the last one that has it. */
  layer(id: number): number {
    return this.#nodes.layers[id] ?? 0;
  }

  type(id: number): TarEntryType {
    const at = this.#nodes.entries[id] ?? NO_ENTRY;
    return at === NO_ENTRY ? 'directory' : (this.layers[this.layer(id)]?.entries.type(at) ?? 'directory');
  }

  /** Bytes of its own content. */
  size(id: number): number {
    const at = this.#nodes.entries[id] ?? NO_ENTRY;
    return at === NO_ENTRY ? 0 : (this.layers[this.layer(id)]?.entries.size(at) ?? 0);
  }

  /** All that its layer says of it, with its path in the image. */
  file(id: number): FileEntry {
    const at = this.#nodes.entries[id] ?? NO_ENTRY;
    const entries = this.layers[this.layer(id)]?.entries;
    return { ...(at === NO_ENTRY || !entries ? IMPLICIT : entries.get(at)), path: this.path(id) };
  }

  /** The number of its entry in its layer; undefined for a folder that no layer has. */
  entryNumber(id: number): number | undefined {
    const at = this.#nodes.entries[id] ?? NO_ENTRY;
    return at === NO_ENTRY ? undefined : at;
  }

  /** What was found in the file; of a hard link, in the file that it repeats. */
  facts(id: number): readonly Fact[] {
    const content = this.contentOf(id);
    const at = content === undefined ? undefined : this.entryNumber(content);
    if (content === undefined || at === undefined) return [];
    return this.layers[this.layer(content)]?.facts.get(at) ?? [];
  }

  status(id: number): FileStatus {
    return this.#changes.statusOf(id);
  }

  /** What a layer of this tree does to those below it. */
  changes(layer: number): LayerChanges {
    return this.#changes.of(layer);
  }

  /** What is in a folder, in the order of names; nothing if it is none. */
  children(id: number): number[] {
    const found: number[] = [];
    for (
      let child = this.#nodes.firstChildren[id] ?? 0;
      child !== 0;
      child = this.#nodes.nextSiblings[child] ?? 0
    )
      if (this.isThere(child)) found.push(child);
    return found.sort((a, b) => byText(this.name(a), this.name(b)));
  }

  /** All nodes, folders before what is in them, in the order of names. */
  *walk(from = this.root): Generator<number> {
    const waiting = [from];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      yield id;
      const children = this.children(id);
      for (let at = children.length - 1; at >= 0; at--) waiting.push(children[at] ?? 0);
    }
  }

  /** The node at exactly this path; no link is followed. */
  find(path: string): number | undefined {
    let id: number | undefined = this.root;
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue;
      id = this.#nodes.find(id, part);
      if (id === undefined || !this.isThere(id)) return undefined;
    }
    return id;
  }

  /**
   * The node that a path leads a process to, through links and never out of the root; undefined if it leads nowhere or in a circle.
   * @param from folder that a relative path starts in
   * @param followLast whether a link at the end is followed, too
   */
  resolve(path: string, { from = this.root, followLast = true } = {}): number | undefined {
    let id = path.startsWith('/') ? this.root : from;
    const left = path.split('/').reverse();
    for (let links = 0; left.length > 0;) {
      const part = left.pop() ?? '';
      if (part === '' || part === '.') continue;
      if (this.type(id) !== 'directory') return undefined;
      if (part === '..') {
        id = this.parent(id);
        continue;
      }
      const next = this.#nodes.find(id, part);
      if (next === undefined || !this.isThere(next)) return undefined;
      if (this.type(next) === 'symlink' && (followLast || left.some((rest) => rest !== ''))) {
        if (++links > MAX_LINKS) return undefined;
        const target = this.#linkName(next);
        if (target.startsWith('/')) id = this.root;
        left.push(...target.split('/').reverse());
      } else id = next;
    }
    return path.endsWith('/') && this.type(id) !== 'directory' ? undefined : id;
  }

  /** The regular file whose content a node has: itself, or what a hard link repeats; undefined for anything else. */
  contentOf(id: number): number | undefined {
    let at: number | undefined = id;
    for (let links = 0; at !== undefined && links <= MAX_LINKS; links++) {
      const type = this.type(at);
      if (type === 'file') return at;
      if (type !== 'hardlink') return undefined;
      at = this.resolve(this.#linkName(at), { followLast: false });
    }
    return undefined;
  }

  /** Bytes and files at and below each node. */
  totals(): TreeTotals {
    if (this.#totals) return this.#totals;
    const bytes = new Float64Array(this.#nodes.count);
    const files = new Uint32Array(this.#nodes.count);
    for (let id = this.#nodes.count - 1; id >= 0; id--) {
      if (this.#nodes.gone[id] === 1) {
        bytes[id] = 0;
        files[id] = 0;
        continue;
      }
      bytes[id] = (bytes[id] ?? 0) + this.size(id);
      if (this.type(id) !== 'directory') files[id] = (files[id] ?? 0) + 1;
      if (id === this.root) break;
      const parent = this.parent(id);
      bytes[parent] = (bytes[parent] ?? 0) + (bytes[id] ?? 0);
      files[parent] = (files[parent] ?? 0) + (files[id] ?? 0);
    }
    this.#totals = { bytes, files };
    return this.#totals;
  }

  #linkName(id: number): string {
    const at = this.#nodes.entries[id] ?? NO_ENTRY;
    return at === NO_ENTRY ? '' : (this.layers[this.layer(id)]?.entries.linkName(at) ?? '');
  }
}
