import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { createIgnore, dependencyPlace, mayHoldDependencies } from '../app/index.ts';

type Ignore = ReturnType<typeof createIgnore>;

/** What pith's own temporary files begin with. */
const OWN = '.pith-';

/** Which files below a folder, or which one file, can change what is packed. */
export class WatchedFiles {
  readonly location: string;
  readonly #leftOut: readonly string[];
  #rules: Ignore;
  #hasManifest = false;

  /**
   * @param location absolute path, of a folder or a file
   * @param leftOut absolute paths of what the packing itself writes
   */
  constructor(location: string, leftOut: readonly string[]) {
    this.location = location;
    this.#leftOut = leftOut.map((path) => relative(location, path).split(sep).join('/'));
    this.#rules = readRules(location);
    this.#hasManifest = existsSync(join(location, 'package.json'));
  }

  /** Reads `.dockerignore` again. */
  readRules(): void {
    this.#rules = readRules(this.location);
    this.#hasManifest = existsSync(join(this.location, 'package.json'));
  }

  /** @param path relative to the folder, with `/` */
  isTaken(path: string): boolean {
    if (path === '.dockerignore') return true;
    return !this.#isOwn(path) && (!this.#rules.isExcluded(path, false) || this.#isKept(path));
  }

  /** Whether something in a folder may be taken. */
  mayHold(path: string): boolean {
    if (this.#isOwn(path)) return false;
    return (
      !this.#rules.isExcluded(path, true) ||
      this.#rules.mayHoldIncluded(path) ||
      mayHoldDependencies(path) ||
      this.#isKept(path)
    );
  }

  /** Whether it may be a dependency, which is packed though `.dockerignore` names it; of what it might, too much is watched. */
  #isKept(path: string): boolean {
    if (this.#rules.namedBy(path) === undefined) return false;
    const isPlace = (place: string, isFolder: boolean): boolean => {
      const kind = dependencyPlace(place, isFolder);
      return kind !== undefined && (kind !== 'nodejs' || this.#hasManifest);
    };
    const ends = [...path.matchAll(/\//g)].map(({ index }) => index);
    return isPlace(path, false) || [...ends, path.length].some((end) => isPlace(path.slice(0, end), true));
  }

  #isOwn(path: string): boolean {
    return (
      path.slice(path.lastIndexOf('/') + 1).startsWith(OWN) ||
      this.#leftOut.some((own) => path === own || path.startsWith(`${own}/`))
    );
  }
}

/** No rules where they cannot be read: the packing tells why. */
function readRules(location: string): Ignore {
  try {
    return createIgnore({
      dockerignore: readFileSync(join(location, '.dockerignore'), 'utf8'),
      gitignores: new Map(),
    });
  } catch {
    return createIgnore({ gitignores: new Map() });
  }
}
