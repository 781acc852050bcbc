import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { byText, type Digest, nearest, PithError } from '../core/index.ts';

import type { Definition, FileDefinition, FileSpec } from './definition-types.ts';
import { type BaseSpec, isBaseLocation, resolveBaseLocation } from './bases.ts';
import { foldDefinitions } from './fold-definitions.ts';
import { checkProbe, probeFiles } from './healthcheck.ts';
import type { ImageSpec, LoadedDefinition } from './image-spec.ts';
import { type Memory, readDefinition } from './read-definition.ts';

const ENDING = '.yaml';

/** Looks at an image; at the one of a digest if one is given. */
export type InspectBase = (location: string, digest: Digest | undefined) => Promise<BaseSpec>;

/** Digests of images that are extended, by the name of the image that is built on them. */
export type Pins = Readonly<Record<string, Digest>>;

/** Definitions by name (the files of a folder) and by path. */
export class Catalogue {
  readonly folder: string;
  readonly #workingFolder: string;
  readonly #probes: string;
  readonly #memory: Memory | undefined;
  readonly #inspect: InspectBase | undefined;
  readonly #loaded = new Map<string, Promise<LoadedDefinition>>();

  /**
   * @param folder where the definitions with names lie, a file an image; the probes lie beside it
   * @param workingFolder where relative paths of definitions start
   * @param memory where valid definitions are remembered
   * @param inspect looks at images that definitions extend by location
   */
  constructor(folder: string, workingFolder: string, memory?: Memory, inspect?: InspectBase) {
    this.folder = folder;
    this.#probes = join(dirname(folder), 'probe', 'bin');
    this.#memory = memory;
    this.#inspect = inspect;
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
    return chains.filter((chain) => !chain.at(-1)?.definition.abstract).map((chain) => this.#fold(chain));
  }

  /**
   * The image of that name, or of the definition file at that path (a name that ends in .yaml or .yml or holds a slash).
   * @param pins digests of images that definitions extend, by the image's name
   * @throws PithError UNKNOWN_IMAGE with the nearest name, DEFINITION_INVALID, DEFINITION_CYCLE
   */
  async image(name: string, pins: Pins = {}): Promise<ImageSpec> {
    const { definition } = await this.#read(this.#locate(name, this.#workingFolder, undefined));
    const chain = await this.#chain(name, this.#workingFolder, [], pins[definition.name]);
    if (chain.at(-1)?.definition.abstract) {
      throw new PithError('UNKNOWN_IMAGE', `${name} is no image: its definition is there to be extended`, {
        hint: '`pith ls` lists the images.',
      });
    }
    return this.#fold(chain);
  }

  /**
   * The image of a definition that is in no file, or that lies on another one than its file says.
   * @param base what it extends: a name of the catalogue, or a path; nothing unless given
   * @param between definitions that come before it
   * @throws as image
   */
  async imageOf(
    loaded: LoadedDefinition,
    base: string | undefined,
    between: readonly LoadedDefinition[] = [],
    pin?: Digest,
  ): Promise<ImageSpec> {
    const below = await this.#below(loaded, base ?? provisionalBase(loaded), [], pin);
    return this.#fold([...below.slice(0, -1), ...between, ...below.slice(-1)]);
  }

  /** The image of a chain, with the probes that its health checks need. */
  #fold(chain: readonly LoadedDefinition[]): ImageSpec {
    const image = foldDefinitions(chain.map((loaded) => withProbe(loaded, this.#probes)));
    checkProbe(image.config.healthcheck, image.platforms);
    return image;
  }

  async #chain(
    name: string,
    from: string,
    above: readonly string[] = [],
    pin?: Digest,
  ): Promise<LoadedDefinition[]> {
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
    const loaded = await this.#read(path);
    return this.#below(loaded, loaded.definition.extends ?? provisionalBase(loaded), [...above, path], pin);
  }

  async #below(
    loaded: LoadedDefinition,
    base: string | undefined,
    above: readonly string[],
    pin: Digest | undefined,
  ): Promise<LoadedDefinition[]> {
    if (base === undefined) return [loaded];
    const folder = dirname(loaded.path);
    if (isBaseLocation(base)) return this.#onImage(loaded, resolveBaseLocation(base, folder), pin);
    return [...(await this.#chain(base, folder, above, pin)), loaded];
  }

  /** The chain of a definition that extends an image: where its distribution's packages come from, then itself. */
  async #onImage(
    loaded: LoadedDefinition,
    location: string,
    pin: Digest | undefined,
  ): Promise<LoadedDefinition[]> {
    if (!this.#inspect) throw new PithError('INTERNAL', `nothing can look at ${location}`);
    const base = await this.#inspect(location, pin);
    const distribution = loaded.definition.distribution ?? base.distribution;
    const isKnown = distribution !== undefined && this.names().includes(distribution);
    const below = isKnown ? await this.#chain(distribution, this.folder) : [];
    return [...below.map(onlyArchives), { ...loaded, base }];
  }

  #read(path: string): Promise<LoadedDefinition> {
    const loading = this.#loaded.get(path) ?? this.#load(path);
    this.#loaded.set(path, loading);
    return loading;
  }

  async #load(path: string): Promise<LoadedDefinition> {
    const definition = await readDefinition(path, this.#memory);
    const expected = basename(path, ENDING);
    const isNamed = dirname(path) === this.folder;
    if (isNamed && definition.name !== expected) {
      throw new PithError(
        'DEFINITION_INVALID',
        `${path}: names the image ${definition.name}, but the file is called ${expected}${ENDING}`,
        { path },
      );
    }
    const resolvePath = (file: string): string => (isAbsolute(file) ? file : join(dirname(path), file));
    return { definition: inProject(definition, dirname(path)), path, isNamed, resolvePath };
  }

  #locate(name: string, from: string, extendedBy: string | undefined): string {
    if (/\.ya?ml$/.test(name) || name.startsWith('.') || name.includes('/')) {
      const path = resolve(from, name);
      if (existsSync(path)) return path;
      throw new PithError('UNKNOWN_IMAGE', `there is no definition file ${path}`, {
        path,
        hint: isInRegistry(name)
          ? `An image of a registry is written as docker://${name}.`
          : 'Give the path of a definition, or a name that `pith ls` lists.',
      });
    }
    const path = join(this.folder, `${name}${ENDING}`);
    if (/^[a-z0-9._-]+$/.test(name) && existsSync(path)) return path;
    const longer = this.names().filter((known) => known.startsWith(`${name}-`));
    const near = longer.length > 0 ? longer.join(' or ') : nearest(name, this.names());
    const who = extendedBy === undefined ? '' : ` (extended by ${extendedBy})`;
    throw new PithError('UNKNOWN_IMAGE', `there is no image ${JSON.stringify(name)}${who}`, {
      hint: near ? `Did you mean ${near}?` : '`pith ls` lists the images.',
    });
  }
}

/** Whether something that is no file looks like the name of an image in a registry. */
function isInRegistry(name: string): boolean {
  return /^(?:localhost|[^./][^/]*[.:][^/]*)\//.test(name) && !/\.ya?ml$/.test(name);
}

/** What the definition of an application lies on until one is found for it: it has every platform. */
function provisionalBase({ definition }: LoadedDefinition): string | undefined {
  return definition.app === undefined ? undefined : 'static-debian13';
}

function withProbe(loaded: LoadedDefinition, folder: string): LoadedDefinition {
  const { definition } = loaded;
  const probes = probeFiles(definition.healthcheck, folder);
  if (probes.length === 0) return loaded;
  return { ...loaded, definition: { ...definition, files: [...probes, ...(definition.files ?? [])] } };
}

/** What a definition says about where packages come from and how they are taken. */
function onlyArchives(loaded: LoadedDefinition): LoadedDefinition {
  const { name, distribution, suites, mirrors, keys, contents } = loaded.definition;
  return { ...loaded, definition: { name, abstract: true, distribution, suites, mirrors, keys, contents } };
}

/** The definition with the folder that the sources of its files are relative to. */
function inProject({ files, variants, ...rest }: Definition, project: string): Definition<FileSpec> {
  const locate = (list: readonly FileDefinition[] = []): FileSpec[] =>
    list.map((file) => ({ ...file, project }));
  const located = Object.entries(variants ?? {}).map(
    ([name, variant]) => [name, { ...variant, files: locate(variant.files) }] as const,
  );
  return {
    ...rest,
    ...(files ? { files: locate(files) } : {}),
    ...(variants ? { variants: Object.fromEntries(located) } : {}),
  };
}
