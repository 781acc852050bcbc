import { byText } from '../../core/index.ts';
import type { LayerContents } from '../model.ts';
import { grown, TreeNodes } from '../tree/nodes.ts';

const WHITEOUT = '.wh.';
const SPECIAL = '.wh..wh..';
/** Paths that there is room for at first. */
const START = 1024;

/**
 * The figures of dive (github.com/wagoodman/dive), as it computes them, so that they can be compared. They are not what could
 * be saved: the copy that stays is counted as wasted, too, and a folder that is removed counts for nothing.
 */
export interface DiveFigures {
  /** Bytes of the files of all layers. */
  readonly sizeBytes: number;
  /** The same without the first layer. */
  readonly userSizeBytes: number;
  /** Bytes of all copies of paths that are in two layers or more. */
  readonly inefficientBytes: number;
  /** From 0 to 1: the sum of the smallest copies of all paths by the sum of all copies; 1 where nothing is stored. */
  readonly efficiencyScore: number;
  /** inefficientBytes by userSizeBytes; undefined where nothing is above the first layer. */
  readonly wastedUserPercent?: number;
  /** Paths that are in two layers or more, most bytes first. */
  readonly inefficientFiles: readonly DivePath[];
}

export interface DivePath {
  /** From `/`. */
  readonly path: string;
  /** Layers that have it, or remove it. */
  readonly count: number;
  /** Of all copies. */
  readonly bytes: number;
}

/**
 * Computes them: what counts are the leaves of each layer's tree; a whiteout is a copy, of 0 bytes where it removes a file and of
 * what is below where it removes a folder that some layer has an entry for. Opaque folders are not looked at.
 */
export function measureDive(layers: readonly LayerContents[]): DiveFigures {
  const measure = new Measure();
  const sizes = layers.map((contents) => measure.addLayer(contents));
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  const userSizeBytes = sizeBytes - (sizes[0] ?? 0);
  const { inefficientFiles, smallest, all } = measure.finish();
  const inefficientBytes = inefficientFiles.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    sizeBytes,
    userSizeBytes,
    inefficientBytes,
    efficiencyScore: all === 0 ? 1 : smallest / all,
    ...(userSizeBytes === 0 ? {} : { wastedUserPercent: inefficientBytes / userSizeBytes }),
    inefficientFiles,
  };
}

/** Entry of a folder that only paths below it name. */
const NONE = -1;

class Measure {
  /** Every path of every layer, whiteouts under their own names. */
  readonly #paths = new TreeNodes();
  #layer = 0;
  /** Paths of the layer that is being added, and the entry of each. */
  #own: number[] = [];
  /** The folder of the path before, in this layer. */
  #folder = '';
  #folderId = 0;
  #entries = new Int32Array(START);
  /** The last layer that had the path, and that had something below it, plus one. */
  #layers = new Uint16Array(START);
  #parentLayers = new Uint16Array(START);
  /** Of each path: layers, bytes of all copies, bytes of the smallest. */
  #counts = new Uint16Array(START);
  #sums = new Float64Array(START);
  #smallest = new Float64Array(START);
  /** The layers so far, one on the other: what is there (1), its size, and whether an entry says that it is a folder (1). */
  #isThere = new Uint8Array(START);
  #sizes = new Float64Array(START);
  #isFolder = new Uint8Array(START);

  /** @returns bytes of its files */
  addLayer({ entries }: LayerContents): number {
    this.#layer++;
    this.#own = [];
    this.#folder = '';
    let total = 0;
    for (let at = 0; at < entries.length; at++) {
      const path = entries.path(at);
      total += entries.size(at);
      const id = path === '.' ? undefined : this.#place(path);
      if (id !== undefined) this.#entries[id] = at;
    }
    const sizeOf = (id: number): number => {
      const at = this.#entries[id] ?? NONE;
      return at === NONE ? 0 : entries.size(at);
    };
    for (const id of this.#own) if (this.#parentLayers[id] !== this.#layer) this.#count(id, sizeOf(id));
    for (const id of this.#own) if (this.#targetOf(id) !== id) this.#remove(this.#targetOf(id));
    for (const id of this.#own) {
      if (this.#targetOf(id) !== id) continue;
      const at = this.#entries[id] ?? NONE;
      this.#isThere[id] = 1;
      this.#sizes[id] = sizeOf(id);
      this.#isFolder[id] = at !== NONE && entries.type(at) === 'directory' ? 1 : 0;
    }
    return total;
  }

  finish(): { inefficientFiles: DivePath[]; smallest: number; all: number } {
    const inefficientFiles: DivePath[] = [];
    let smallest = 0;
    let all = 0;
    for (let id = 0; id < this.#paths.count; id++) {
      const count = this.#counts[id] ?? 0;
      const bytes = this.#sums[id] ?? 0;
      all += bytes;
      smallest += this.#smallest[id] ?? 0;
      if (count > 1) inefficientFiles.push({ path: this.#pathOf(id), count, bytes });
    }
    inefficientFiles.sort((a, b) => b.bytes - a.bytes || byText(a.path, b.path));
    return { inefficientFiles, smallest, all };
  }

  /** Finds the path, with the folders on its way; nothing for marks that are no path. */
  #place(path: string): number | undefined {
    // Neighbours are mostly in one folder.
    const slash = path.lastIndexOf('/');
    const isNear = slash > 0 && path.slice(0, slash) === this.#folder;
    let id = isNear ? this.#folderId : 0;
    for (const name of isNear ? [path.slice(slash + 1)] : path.split('/')) {
      if (name.startsWith(SPECIAL)) return undefined;
      this.#parentLayers[id] = this.#layer;
      id = this.#child(id, name);
      if (this.#layers[id] === this.#layer) continue;
      this.#layers[id] = this.#layer;
      this.#entries[id] = NONE;
      this.#own.push(id);
    }
    if (slash > 0 && !isNear) {
      this.#folder = path.slice(0, slash);
      this.#folderId = this.#paths.parents[id] ?? 0;
    }
    return id;
  }

  /** Counts a leaf, under the path that it is about. */
  #count(id: number, size: number): void {
    const target = this.#targetOf(id);
    const bytes = target === id ? size : this.#removedBytes(target);
    const before = this.#counts[target] ?? 0;
    this.#counts[target] = before + 1;
    this.#sums[target] = (this.#sums[target] ?? 0) + bytes;
    this.#smallest[target] = before === 0 ? bytes : Math.min(this.#smallest[target] ?? 0, bytes);
  }

  /** The path that a whiteout removes; any other one is its own. */
  #targetOf(id: number): number {
    const name = this.#paths.names[id] ?? '';
    if (!name.startsWith(WHITEOUT)) return id;
    return this.#child(this.#paths.parents[id] ?? 0, name.slice(WHITEOUT.length));
  }

  #child(parent: number, name: string): number {
    const known = this.#paths.find(parent, name);
    if (known !== undefined) return known;
    const id = this.#paths.create(parent, name);
    if (id >= this.#entries.length) this.#grow();
    return id;
  }

  #pathOf(id: number): string {
    const names: string[] = [];
    for (let at = id; at !== 0; at = this.#paths.parents[at] ?? 0) names.push(this.#paths.names[at] ?? '');
    return `/${names.reverse().join('/')}`;
  }

  #removedBytes(id: number): number {
    if (this.#isFolder[id] !== 1) return 0;
    let bytes = 0;
    for (const at of this.#below(id)) bytes += this.#sizes[at] ?? 0;
    return bytes;
  }

  #remove(id: number): void {
    for (const at of this.#below(id)) this.#isThere[at] = 0;
  }

  /** A path and all below it that are there. */
  *#below(id: number): Generator<number> {
    const waiting = [id];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (this.#isThere[at] !== 1) continue;
      yield at;
      const { firstChildren, nextSiblings } = this.#paths;
      for (let child = firstChildren[at] ?? 0; child !== 0; child = nextSiblings[child] ?? 0)
        waiting.push(child);
    }
  }

  #grow(): void {
    const length = this.#entries.length * 2;
    this.#entries = grown(this.#entries, new Int32Array(length));
    this.#layers = grown(this.#layers, new Uint16Array(length));
    this.#parentLayers = grown(this.#parentLayers, new Uint16Array(length));
    this.#counts = grown(this.#counts, new Uint16Array(length));
    this.#sums = grown(this.#sums, new Float64Array(length));
    this.#smallest = grown(this.#smallest, new Float64Array(length));
    this.#isThere = grown(this.#isThere, new Uint8Array(length));
    this.#sizes = grown(this.#sizes, new Float64Array(length));
    this.#isFolder = grown(this.#isFolder, new Uint8Array(length));
  }
}
