import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { WatchedFiles } from './watch-files.ts';

/** Milliseconds between two looks, at least; and how many times as long as the look itself took. */
const PAUSE = 1000;
const FACTOR = 20;

/** Looks again and again at the times of files, where the system does not watch them. */
export class PollWatch {
  readonly #files: WatchedFiles;
  readonly #onChange: (path: string) => void;
  #seen: ReadonlyMap<string, string>;
  #timer: NodeJS.Timeout;

  /** @param onChange is called with paths relative to the folder */
  constructor(files: WatchedFiles, onChange: (path: string) => void) {
    this.#files = files;
    this.#onChange = onChange;
    this.#seen = this.#look();
    this.#timer = setTimeout(this.#compare, PAUSE);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  readonly #compare = (): void => {
    const start = performance.now();
    const before = this.#seen;
    this.#files.readRules();
    this.#seen = this.#look();
    for (const [path, state] of this.#seen) if (before.get(path) !== state) this.#onChange(path);
    for (const path of before.keys()) if (!this.#seen.has(path)) this.#onChange(path);
    this.#timer = setTimeout(this.#compare, Math.max(PAUSE, FACTOR * (performance.now() - start)));
  };

  #look(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const visit = (path: string): void => {
      const place = join(this.#files.location, path);
      const stat = statOf(place);
      if (!stat) return;
      if (!stat.isDirectory()) {
        if (path === '' || this.#files.isTaken(path)) found.set(path, stateOf(stat));
      } else if (path === '' || this.#files.mayHold(path)) {
        for (const name of namesIn(place)) visit(path === '' ? name : `${path}/${name}`);
      }
    };
    visit('');
    return found;
  }
}

function stateOf({ ino, size, mtimeMs, ctimeMs, mode }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs, mode].join(' ');
}

/** What cannot be read is told when it is packed. */
function statOf(place: string): Stats | undefined {
  try {
    return lstatSync(place);
  } catch {
    return undefined;
  }
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}
