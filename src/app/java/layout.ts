import type { AppLayer, AppSource } from '../model.ts';
import { byText } from '../../core/index.ts';

/** Of the catalogue's Java images. */
export const JAVA = '/usr/bin/java';
export const APP = '/app';

/** Files by absolute path in the image, in layers of given names. */
export class Layout {
  readonly #layers: ReadonlyMap<string, Map<string, AppSource>>;

  /** @param names from what changes least to what changes most */
  constructor(names: readonly string[]) {
    this.#layers = new Map(names.map((name) => [name, new Map<string, AppSource>()]));
  }

  /** A file that is placed twice is where it was placed first. */
  add(layer: string, to: string, source: AppSource): void {
    if (![...this.#layers.values()].some((files) => files.has(to))) this.#layers.get(layer)?.set(to, source);
  }

  /** Layers that hold something. */
  layers(): AppLayer[] {
    return [...this.#layers]
      .filter(([, files]) => files.size > 0)
      .map(([name, files]) => ({ name, files: new Map([...files].sort(([a], [b]) => byText(a, b))) }));
  }
}

/** The layer of a jar that the application depends on. */
export function layerOfDependency(path: string): string {
  return path.includes('SNAPSHOT') ? 'snapshot-dependencies' : 'dependencies';
}
