import { byText } from '../../core/index.ts';
import type { AppLayer, AppSource } from '../model.ts';

type Layer = 'dependencies' | 'resources' | 'application';

/** Dependencies of so many bytes get a layer of their own: others change without them. */
const LARGE = 20 << 20;

interface Layered {
  readonly to: string;
  readonly layer: Layer;
  readonly source: AppSource;
  readonly group: string;
}

/** Sorts the files of an application into layers. A path that is placed twice is where it was placed last. */
export class Layering {
  readonly #files = new Map<string, Layered>();
  readonly #sizes = new Map<string, number>();

  /**
   * @param to absolute path in the image
   * @param dependency name and size of the dependency that the file is of, for large ones
   */
  add(
    layer: Layer,
    to: string,
    source: AppSource,
    dependency?: { readonly name: string; readonly size: number },
  ): void {
    const group = dependency?.name ?? '';
    this.#files.set(to, { to, layer, source, group });
    if (dependency) this.#sizes.set(group, (this.#sizes.get(group) ?? 0) + dependency.size);
  }

  /** Layers that hold something, from what changes least to what changes most. */
  layers(): AppLayer[] {
    const named = new Map<string, Map<string, AppSource>>(
      ['large-dependencies', 'dependencies', 'resources', 'application'].map((name) => [name, new Map()]),
    );
    for (const { to, layer, source, group } of [...this.#files.values()].sort((a, b) => byText(a.to, b.to))) {
      const isLarge = layer === 'dependencies' && (this.#sizes.get(group) ?? 0) >= LARGE;
      named.get(isLarge ? 'large-dependencies' : layer)?.set(to, source);
    }
    return [...named].filter(([, files]) => files.size > 0).map(([name, files]) => ({ name, files }));
  }
}

const RESOURCE_FOLDERS = new Set(['public', 'static', 'staticfiles', 'assets', 'media', 'images', 'fonts']);
const TEMPLATE_FOLDERS = new Set(['views', 'templates', 'locales', 'locale', 'i18n', 'translations']);
const CODE = /\.(?:[cm]?[jt]sx?|py)$/;

/** Whether a file is served or shown rather than run, as its folders say. */
export function isResource(path: string): boolean {
  const folders = path.split('/').slice(0, -1).slice(0, 4);
  if (folders.some((name) => RESOURCE_FOLDERS.has(name))) return true;
  return folders.some((name) => TEMPLATE_FOLDERS.has(name)) && !CODE.test(path);
}
