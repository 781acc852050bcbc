import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Application, detectApplications } from '../../app/index.ts';
import { PithError } from '../../core/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { AppDefinition } from '../definition-types.ts';
import type { FileToRead } from '../disk-facts.ts';
import { locateSource } from '../disk-source.ts';
import type { BuildTools } from '../builder.ts';
import type { LoadedDefinition } from '../image-spec.ts';
import type { FoundApplication } from './definitions.ts';
import { DiskProject } from './disk-project.ts';
import { FileMemory } from './file-memory.ts';
import { readMany } from './read-many.ts';
import { SeveralKinds } from './several-kinds.ts';
import { type Written, writtenPlaces } from './written-places.ts';
import { asFilesOfApplication } from './file-faults.ts';
import { checkArchitecture } from './foreign.ts';
import { readCheckout, withCheckout } from './git/checkout.ts';

/** Bytes of files that are not known: they are read and compressed by several threads, which take a while to start. */
const WORTH_THREADS = 1 << 20;

/** What reading applications works with. */
type ReadTools = Pick<BuildTools, 'workspace' | 'pool'>;

/**
 * Finds out what the application of a definition is, for each platform.
 * @param written what is no part of it, though it may lie in its folder
 * @throws PithError APP_INVALID, DEFINITION_INVALID
 */
export async function readApplications(
  own: LoadedDefinition,
  platforms: readonly Platform[],
  written: Written,
  tools: ReadTools,
): Promise<FoundApplication[]> {
  const reader = new Reader(own, written, tools);
  const found: FoundApplication[] = [];
  for (const platform of platforms.map(formatPlatform)) found.push(await reader.read(platform));
  const [first] = found;
  if (!first || reader.isForPlatform) return found;
  const { application, project, trees } = first;
  return [{ application, project, trees }];
}

/**
 * The platforms that the application of a definition is for, of some.
 * @throws PithError APP_INVALID for one that is for none of them
 */
export async function fittingPlatforms(
  own: LoadedDefinition,
  platforms: readonly Platform[],
  tools: ReadTools,
): Promise<{ readonly platforms: Platform[]; readonly found: FoundApplication[] }> {
  const reader = new Reader(own, {}, tools);
  const fitting: Platform[] = [];
  const found: FoundApplication[] = [];
  let unfit: PithError | undefined;
  for (const platform of platforms) {
    try {
      found.push(await reader.read(formatPlatform(platform)));
      fitting.push(platform);
    } catch (error) {
      if (!(error instanceof PithError) || error.code !== 'APP_INVALID') throw error;
      unfit ??= error;
    }
  }
  if (fitting.length === 0 && unfit) throw unfit;
  return { platforms: fitting, found };
}

/** Reads the application of a definition, once for all platforms where it is the same. */
class Reader {
  readonly #own: LoadedDefinition;
  readonly #definition: AppDefinition;
  readonly #leftOut: ReadonlySet<string>;
  readonly #tools: ReadTools;
  readonly #known = new Map<string, FoundApplication>();

  constructor(own: LoadedDefinition, written: Written, tools: ReadTools) {
    this.#own = own;
    this.#definition = appOf(own);
    this.#leftOut = writtenPlaces(written, tools.workspace.workingFolder);
    this.#tools = tools;
  }

  /** Whether what was read is another thing for each platform. */
  get isForPlatform(): boolean {
    return (
      this.#known.size > 1 || [...this.#known.values()].some(({ application }) => application.isForPlatform)
    );
  }

  async read(platform: string): Promise<FoundApplication> {
    const path = pathFor(platform, this.#definition);
    const known = this.#known.get(path);
    const isShared = known !== undefined && known.application.isForPlatform !== true;
    const one = isShared
      ? known
      : await readApplication(path, this.#definition, platform, this.#own, this.#leftOut, this.#tools);
    this.#known.set(path, one);
    await checkArchitecture(one.project, one.application, platform);
    return { ...one, platform };
  }
}

function appOf({ definition: { app } }: LoadedDefinition): AppDefinition {
  if (app === undefined) throw new PithError('INTERNAL', 'a definition without an application');
  return typeof app === 'string' ? { path: app } : app;
}

function pathFor(platform: string, { path, binaries }: AppDefinition): string {
  if (!binaries) return path;
  const binary = binaries[platform];
  if (binary !== undefined) return binary;
  throw new PithError('APP_INVALID', `there is no program for ${platform}`, {
    hint: `Name it with \`--binary ${platform}=FILE\` or in \`binaries\`; there are those for ${Object.keys(binaries).join(', ')}.`,
  });
}

async function readApplication(
  path: string,
  { kind, main }: AppDefinition,
  platform: string,
  own: LoadedDefinition,
  leftOut: ReadonlySet<string>,
  { workspace: { store, now, signal }, pool }: ReadTools,
): Promise<FoundApplication> {
  const location = locateApplication(path, dirname(own.path));
  return await asFilesOfApplication(async () => {
    const memory = new FileMemory(store, location, now());
    const tools = { memory, readMany: (files: readonly FileToRead[]) => readMany(files, pool), signal };
    const project = new DiskProject(location, tools, leftOut);
    if (!memory.isKnown && project.size >= WORTH_THREADS) pool.start();
    const request = {
      platform,
      ...(kind === undefined ? {} : { kind }),
      ...(main === undefined ? {} : { main }),
    };
    const detected = onlyOne(await detectApplications(project, request), location);
    const labels = withCheckout(detected.config.labels, readCheckout(project.location));
    const notes = [...detected.notes, ...adviseOnTemporary(detected)];
    const application = { ...detected, notes, config: { ...detected.config, labels } };
    const trees = [];
    for (const layer of application.layers) trees.push(await project.tree(layer.files));
    return { project, application, trees };
  });
}

/** Every image has /tmp, but a container whose root is read-only cannot write there. */
function adviseOnTemporary({ config }: Application): string[] {
  if (!config.writable.includes('/tmp')) return [];
  return [
    'it writes to /tmp: where the root is read-only, mount something there (`--tmpfs /tmp`, in Kubernetes an emptyDir); `pith run` does',
  ];
}

/** As it lies on the disk, without links. */
function locateApplication(path: string, folder: string): string {
  if (existsSync(resolve(folder, path))) return locateSource(path, folder);
  throw new PithError('APP_INVALID', `there is nothing at ${path}`, {
    path: resolve(folder, path),
    hint: 'Build the application first, or name its folder or file.',
  });
}

function onlyOne(applications: readonly Application[], location: string): Application {
  const [first, ...others] = applications;
  if (first && others.length === 0) return first;
  if (!first)
    throw new PithError('APP_INVALID', `${basename(location)} holds nothing that could be packed`, {
      path: location,
      hint: 'Name the folder or file of an application.',
    });
  throw new SeveralKinds(location, applications);
}
