import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Application, detectApplications } from '../../app/index.ts';
import { PithError } from '../../core/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { AppDefinition } from '../definition-types.ts';
import { locateSource } from '../disk-source.ts';
import type { BuildTools } from '../builder.ts';
import type { LoadedDefinition } from '../image-spec.ts';
import type { FoundApplication } from './definitions.ts';
import { DiskProject } from './disk-project.ts';
import { FileMemory } from './file-memory.ts';
import { readMany } from './read-many.ts';
import { checkArchitecture } from './foreign.ts';

/** Bytes of files that are not known: they are read and compressed by several threads, which take a while to start. */
const WORTH_THREADS = 1 << 20;

/**
 * Finds out what the application of a definition is, for each platform.
 * @throws PithError APP_INVALID, DEFINITION_INVALID
 */
export async function readApplications(
  own: LoadedDefinition,
  platforms: readonly Platform[],
  tools: Pick<BuildTools, 'workspace' | 'pool'>,
): Promise<FoundApplication[]> {
  const definition = appOf(own);
  const byPath = new Map<string, Promise<FoundApplication>>();
  const found: FoundApplication[] = [];
  for (const platform of platforms.map(formatPlatform)) {
    const path = pathFor(platform, definition);
    const reading = byPath.get(path) ?? readApplication(path, definition, own, tools);
    byPath.set(path, reading);
    const one = await reading;
    await checkArchitecture(one.project, one.application, platform);
    found.push({ ...one, platform });
  }
  const [first] = found;
  if (!first || byPath.size > 1) return found;
  const { application, project, trees } = first;
  return [{ application, project, trees }];
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
  own: LoadedDefinition,
  { workspace: { store, now, signal }, pool }: Pick<BuildTools, 'workspace' | 'pool'>,
): Promise<FoundApplication> {
  const location = locateApplication(path, dirname(own.path));
  const memory = new FileMemory(store, location, now());
  const project = new DiskProject(location, { memory, readMany: (files) => readMany(files, pool), signal });
  if (!memory.isKnown && project.size >= WORTH_THREADS) pool.start();
  const request = { ...(kind === undefined ? {} : { kind }), ...(main === undefined ? {} : { main }) };
  const application = onlyOne(await detectApplications(project, request), path);
  const trees = [];
  for (const layer of application.layers) trees.push(await project.tree(layer.files));
  return { project, application, trees };
}

/** As it lies on the disk, without links. */
function locateApplication(path: string, folder: string): string {
  if (existsSync(resolve(folder, path))) return locateSource(path, folder);
  throw new PithError('APP_INVALID', `there is nothing at ${path}`, {
    path: resolve(folder, path),
    hint: 'Build the application first, or name its folder or file.',
  });
}

function onlyOne(applications: readonly Application[], path: string): Application {
  const [first, ...others] = applications;
  if (first && others.length === 0) return first;
  if (!first)
    throw new PithError('APP_INVALID', `${path} holds nothing that could be packed`, {
      path,
      hint: 'Name the folder or file of an application.',
    });
  throw new PithError(
    'APP_INVALID',
    `${path} could be several things: ${applications.map(({ title, kind }) => `${title} (${kind})`).join(', ')}`,
    { path, hint: `Say which with \`--kind ${first.kind}\`, or \`kind\` in the definition.` },
  );
}
