import { dirname } from 'node:path';
import { type Application, detectApplications } from '../../app/index.ts';
import { PithError } from '../../core/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { AppDefinition } from '../definition-types.ts';
import { DigestMemory } from '../digest-memory.ts';
import { locateSource } from '../disk-source.ts';
import type { LoadedDefinition } from '../image-spec.ts';
import type { Workspace } from '../workspace.ts';
import type { FoundApplication } from './definitions.ts';
import { DiskProject } from './disk-project.ts';
import { checkArchitecture } from './foreign.ts';

/**
 * Finds out what the application of a definition is, for each platform.
 * @throws PithError APP_INVALID, DEFINITION_INVALID
 */
export async function readApplications(
  own: LoadedDefinition,
  platforms: readonly Platform[],
  workspace: Workspace,
): Promise<FoundApplication[]> {
  const definition = appOf(own);
  const byPath = new Map<string, Promise<FoundApplication>>();
  const found: FoundApplication[] = [];
  for (const platform of platforms.map(formatPlatform)) {
    const path = pathFor(platform, definition);
    const reading = byPath.get(path) ?? readApplication(path, definition, own, workspace);
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
  { store, now, signal }: Workspace,
): Promise<FoundApplication> {
  const project = new DiskProject(locateSource(path, dirname(own.path)), {
    memory: new DigestMemory(store, now),
    signal,
  });
  const request = { ...(kind === undefined ? {} : { kind }), ...(main === undefined ? {} : { main }) };
  const application = onlyOne(await detectApplications(project, request), path);
  const trees = [];
  for (const layer of application.layers) trees.push(await project.tree(layer.files));
  return { project, application, trees };
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
