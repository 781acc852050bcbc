import { LayeredFiles } from './layered-files.ts';
import type { ListedFile } from './segment.ts';

/** As many links as Linux follows for one path (path_resolution(7)). */
const MAX_LINKS = 40;
const WHITEOUT = /(?:^|\/)\.wh\.[^/]*$/;

/**
 * Layers that are put on the files of another image, as engines unpack them: links of folders above an entry are followed, an
 * entry takes the place of what is there. What cannot be put anywhere is left out and told.
 */
export class StackedFiles {
  /** Entries that lie below something that is no folder, by their paths in the layer. */
  readonly blocked: string[] = [];
  readonly #files = new LayeredFiles();
  readonly #added = new Map<ListedFile, string>();

  /** @param base the files of the image below, folders before what is in them */
  constructor(base: readonly ListedFile[]) {
    this.startLayer();
    for (const file of base) this.#files.add(file);
  }

  /** What is added from now on is of the next layer. */
  startLayer(): void {
    this.#files.startLayer();
  }

  /**
   * Adds an entry of the layer, a whiteout too. Its path has no slash at either end.
   * @returns the entry with the path where it lies; nothing if it lies nowhere or is a whiteout
   */
  add(file: ListedFile): ListedFile | undefined {
    const path = this.#placeOf(file.path);
    if (path === undefined) {
      this.blocked.push(file.path);
      return undefined;
    }
    const linkName =
      file.type === 'hardlink' ? (this.#placeOf(file.linkName) ?? file.linkName) : file.linkName;
    const placed = { ...file, path, linkName };
    this.#files.add(placed);
    if (WHITEOUT.test(path)) return undefined;
    this.#added.set(placed, file.path);
    return placed;
  }

  get(path: string): ListedFile | undefined {
    return this.#files.get(path);
  }

  /** Each file once, folders before what is in them. */
  files(): ListedFile[] {
    return this.#files.files();
  }

  /** What of the entries that were added is still there: by its place, with its path in the layer. */
  added(): Map<string, string> {
    const there = [...this.#added].filter(([file]) => this.#files.get(file.path) === file);
    return new Map(there.map(([file, path]) => [file.path, path]));
  }

  /** Where an entry lies, once the links of the folders above it are followed; nothing if that is below no folder. */
  #placeOf(path: string): string | undefined {
    const left = path.split('/').reverse();
    const name = left.shift() ?? '';
    const at: string[] = [];
    for (let links = 0; left.length > 0;) {
      const part = left.pop() ?? '';
      if (part === '' || part === '.') continue;
      if (part === '..') {
        at.pop();
        continue;
      }
      const next = this.#files.get([...at, part].join('/'));
      if (next?.type === 'symlink') {
        if (++links > MAX_LINKS) return undefined;
        if (next.linkName.startsWith('/')) at.length = 0;
        left.push(...next.linkName.split('/').reverse());
      } else if (next && next.type !== 'directory') return undefined;
      else at.push(part);
    }
    return [...at, name].join('/');
  }
}
