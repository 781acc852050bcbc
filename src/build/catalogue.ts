import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { byText, nearest, PithError } from '../core/index.ts';

import { foldDefinitions, type ImageSpec, type LoadedDefinition } from './image-spec.ts';
import { type Memory, readDefinition } from './read-definition.ts';

const ENDING = '.yaml';

/** Definitions by name (the files of a folder) and by path. */
export class Catalogue {
  readonly folder: string;
  readonly #workingFolder: string;
  readonly #memory: Memory | undefined;
  readonly #loaded = new Map<string, Promise<LoadedDefinition>>();

  /**
   * @param folder where the definitions with names lie, a file an image
   * @param workingFolder where relative paths of definitions start
   * @param memory where valid definitions are remembered
   */
  constructor(folder: string, workingFolder: string, memory?: Memory) {
    this.folder = folder;
    this.#memory = memory;
    this.#workingFolder = workingFolder;
  }

  /** The names of all definitions, abstract ones too, in order. */
  names(): string[] {
    return readdirSync(this.folder)
      .filter((file) => file.endsWith(ENDING))
      .map((file) => file.slice(0, -ENDING.length))
      .sort(byText);
  }

  /** All images, without the abstract definitions. */
  async images(): Promise<ImageSpec[]> {
    const chains = await Promise.all(this.names().map((name) => this.#chain(name, this.folder)));
    return chains.filter((chain) => !chain.at(-1)?.definition.abstract).map(foldDefinitions);
  }

  /**
   * The image of that name, or of the definition file at that path (a name that ends in .yaml or .yml or holds a slash).
   * @throws PithError UNKNOWN_IMAGE with the nearest name, DEFINITION_INVALID, DEFINITION_CYCLE
   */
  async image(name: string): Promise<ImageSpec> {
    const chain = await this.#chain(name, this.#workingFolder);
    if (chain.at(-1)?.definition.abstract) {
      throw new PithError('UNKNOWN_IMAGE', `${name} is no image: its definition is there to be extended`, {
        hint: '`pith ls` lists the images.',
      });
    }
    return foldDefinitions(chain);
  }

  async #chain(name: string, from: string, above: readonly string[] = []): Promise<LoadedDefinition[]> {
    const path = this.#locate(name, from, above.at(-1));
    if (above.includes(path)) {
      throw new PithError(
        'DEFINITION_CYCLE',
        `definitions extend each other in a circle: ${[...above, path].map((file) => basename(file)).join(' → ')}`,
        {
          path,
          hint: 'Remove one of the `extends`.',
        },
      );
    }
    let loading = this.#loaded.get(path);
    if (!loading) {
      loading = this.#load(path);
      this.#loaded.set(path, loading);
    }
    const loaded = await loading;
    const base = loaded.definition.extends;
    return [...(base === undefined ? [] : await this.#chain(base, dirname(path), [...above, path])), loaded];
  }

  async #load(path: string): Promise<LoadedDefinition> {
    const definition = await readDefinition(path, this.#memory);
    const expected = basename(path, ENDING);
    if (dirname(path) === this.folder && definition.name !== expected) {
      throw new PithError(
        'DEFINITION_INVALID',
        `${path}: names the image ${definition.name}, but the file is called ${expected}${ENDING}`,
        { path },
      );
    }
    return { definition, path, resolvePath: (file) => (isAbsolute(file) ? file : join(dirname(path), file)) };
  }

  #locate(name: string, from: string, extendedBy: string | undefined): string {
    if (/\.ya?ml$/.test(name) || name.startsWith('.') || name.includes('/')) {
      const path = resolve(from, name);
      if (existsSync(path)) return path;
      throw new PithError('UNKNOWN_IMAGE', `there is no definition file ${path}`, {
        path,
        hint: 'Give the path of a definition, or a name that `pith ls` lists.',
      });
    }
    const path = join(this.folder, `${name}${ENDING}`);
    if (/^[a-z0-9._-]+$/.test(name) && existsSync(path)) return path;
    const near = nearest(name, this.names());
    const who = extendedBy === undefined ? '' : ` (extended by ${extendedBy})`;
    throw new PithError('UNKNOWN_IMAGE', `there is no image ${JSON.stringify(name)}${who}`, {
      hint: near ? `Did you mean ${near}?` : '`pith ls` lists the images.',
    });
  }
}
