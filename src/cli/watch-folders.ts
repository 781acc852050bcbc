import { lstatSync, readdirSync, watch, type Dirent, type FSWatcher } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../core/index.ts';
import type { WatchedFiles } from './watch-files.ts';

/** What the system says where it watches no more files: inotify(7), max_user_watches and max_user_instances. */
const EXHAUSTED = ['ENOSPC', 'EMFILE', 'ENFILE'];

interface Folder {
  readonly watcher: FSWatcher;
  readonly children: Map<string, Folder>;
}

/**
 * Watches the files of a folder, each folder below it by itself. (Node's own recursive watching loses a folder that is
 * removed and made again, and watches each file.)
 */
export class FolderWatch {
  readonly #files: WatchedFiles;
  readonly #onChange: (path: string) => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #above: FSWatcher;
  #top: Folder | undefined;

  /**
   * @param onChange is called with paths relative to the folder; the folder itself is the empty text
   * @param onFailure is called once if the system does not watch that many folders; nothing is watched any more then
   * @throws what the system says of the folder above it
   */
  constructor(files: WatchedFiles, onChange: (path: string) => void, onFailure: (error: unknown) => void) {
    this.#files = files;
    this.#onChange = onChange;
    this.#onFailure = onFailure;
    const name = basename(files.location);
    this.#above = watch(dirname(files.location), (event, changed) => {
      if (changed !== name) return;
      if (event === 'rename') this.#openAll();
      this.#onChange('');
    });
    this.#above.on('error', () => undefined);
    this.#openAll();
  }

  close(): void {
    this.#above.close();
    closeFolder(this.#top);
    this.#top = undefined;
  }

  #openAll(): void {
    closeFolder(this.#top);
    this.#files.readRules();
    this.#top = isFolder(this.#files.location) ? this.#attempt('') : undefined;
  }

  #attempt(path: string): Folder | undefined {
    try {
      return this.#open(path);
    } catch (error) {
      this.close();
      this.#onFailure(error);
      return undefined;
    }
  }

  /** Watches a folder, then looks what is in it, so that nothing comes in between. */
  #open(path: string): Folder | undefined {
    const place = join(this.#files.location, path);
    const folder = this.#watch(place, path);
    if (!folder) return undefined;
    try {
      for (const entry of entriesOf(place)) {
        const inner = below(path, entry.name);
        if (!entry.isDirectory() || !this.#files.mayHold(inner)) continue;
        const child = this.#open(inner);
        if (child) folder.children.set(entry.name, child);
      }
      return folder;
    } catch (error) {
      closeFolder(folder);
      throw error;
    }
  }

  #watch(place: string, path: string): Folder | undefined {
    try {
      const folder: Folder = {
        watcher: watch(place, (event, name) => {
          this.#changed(folder, path, event, name);
        }),
        children: new Map(),
      };
      folder.watcher.on('error', () => undefined);
      return folder;
    } catch (error) {
      if (EXHAUSTED.includes(systemCode(error) ?? '')) throw error;
      return undefined;
    }
  }

  #changed(folder: Folder, path: string, event: string, name: string | null): void {
    const changed = name === null ? path : below(path, name);
    if (event === 'rename' && name !== null) this.#renew(folder, changed, name);
    if (changed === '.dockerignore') this.#openAll();
    if (this.#files.isTaken(changed)) this.#onChange(changed);
  }

  /** A name is new, gone, or something else than before. */
  #renew(folder: Folder, path: string, name: string): void {
    closeFolder(folder.children.get(name));
    folder.children.delete(name);
    if (!isFolder(join(this.#files.location, path)) || !this.#files.mayHold(path)) return;
    const child = this.#attempt(path);
    if (child) folder.children.set(name, child);
  }
}

function closeFolder(folder: Folder | undefined): void {
  if (!folder) return;
  folder.watcher.close();
  for (const child of folder.children.values()) closeFolder(child);
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** As all that looks at the disk here: what cannot be read is told when it is packed. */
function isFolder(place: string): boolean {
  try {
    return lstatSync(place).isDirectory();
  } catch {
    return false;
  }
}

function entriesOf(place: string): Dirent[] {
  try {
    return readdirSync(place, { withFileTypes: true });
  } catch {
    return [];
  }
}
