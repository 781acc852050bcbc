import type { Application } from '../../app/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { Definition, FileSpec } from '../definition-types.ts';
import type { DiskEntry, DiskTree } from '../disk-tree.ts';
import type { LoadedDefinition } from '../image-spec.ts';
import type { DiskProject } from './disk-project.ts';

/** Whom applications run as: nonroot of the catalogue's images. */
const NONROOT = '65532:65532';
/** Every base has it, and everyone may write to it (mode 1777). */
const TEMPORARY = '/tmp';

/** What was found of an application for one platform. */
export interface FoundApplication {
  /** Undefined where it is the same for all. */
  readonly platform?: string;
  readonly application: Application;
  readonly project: DiskProject;
  /** The files of each layer, in the order of the layers. */
  readonly trees: readonly DiskTree[];
}

/** A package that an application needs beyond its base, with why. */
export interface AppPackage {
  readonly name: string;
  readonly because: string;
}

/**
 * An application as definitions, one a layer, that come between the base and the user's own definition, which overrides
 * what they say.
 * @param found for each platform; their configuration is the first one's
 */
export function defineApplication(
  own: LoadedDefinition,
  found: readonly FoundApplication[],
  packages: readonly AppPackage[],
): LoadedDefinition[] {
  const [first] = found;
  if (!first) return [];
  const { config } = first.application;
  const names = [...new Set(found.flatMap(({ application }) => application.layers.map(({ name }) => name)))];
  const wrap = (definition: Omit<Definition<FileSpec>, 'name'>, name: string): LoadedDefinition => ({
    ...own,
    isNamed: false,
    definition: { ...definition, name: `${own.definition.name}/${name}` },
  });
  const needed =
    packages.length === 0 ? [] : [wrap({ packages: packages.map(({ name }) => name) }, 'packages')];
  const layers = names.map((name) => wrap({ files: fileSpecsOf(name, found, own.path) }, name));
  const { entrypoint, cmd, workdir, env, ports, stopSignal, labels, writable } = config;
  const folders: FileSpec[] = writable
    .filter((to) => to !== TEMPORARY)
    .map((to) => ({ to, folder: true, owner: NONROOT, project: own.path }));
  const run = wrap(
    {
      user: NONROOT,
      ...(entrypoint.length > 0 ? { entrypoint } : {}),
      ...(cmd ? { cmd } : {}),
      ...(workdir === undefined ? {} : { workdir }),
      env,
      ports,
      ...(stopSignal === undefined ? {} : { stopSignal }),
      labels,
      annotations: annotationsOf(labels, own),
      ...(folders.length > 0 ? { files: folders } : {}),
    },
    'run',
  );
  return [...needed, ...layers, run];
}

/** Of the OCI specification: labels that are annotations, too. */
const PREFIX = 'org.opencontainers.image.';

/**
 * The same as the labels. Those of the definition win whether or not something was found: an image whose definition says all of
 * them is the same from every checkout.
 */
function annotationsOf(
  labels: Readonly<Record<string, string>>,
  { definition }: LoadedDefinition,
): Record<string, string> {
  const entries = Object.entries({ ...labels, ...definition.labels });
  // Versions of packages are put into labels only.
  return Object.fromEntries(
    entries.filter(([key, value]) => key.startsWith(PREFIX) && !value.includes('${version:')),
  );
}

function fileSpecsOf(layer: string, found: readonly FoundApplication[], project: string): FileSpec[] {
  return found.flatMap(({ platform, application, trees }) => {
    const tree = trees[application.layers.findIndex(({ name }) => name === layer)];
    if (!tree) return [];
    return [{ to: '/', from: '.', project, tree, ...(platform === undefined ? {} : { platform }) }];
  });
}

/** The files that an application has on a platform, by path in the image. */
export function filesOf(found: readonly FoundApplication[], platform: Platform): Map<string, DiskEntry> {
  const name = formatPlatform(platform);
  const files = new Map<string, DiskEntry>();
  for (const { platform: only, trees } of found) {
    if (only !== undefined && only !== name) continue;
    for (const { entries } of trees) for (const entry of entries) files.set(entry.path, entry);
  }
  return files;
}

/** Libraries that are opened while the application runs. */
export function librariesOf(
  found: readonly FoundApplication[],
): readonly { soname: string; because: string }[] {
  return found.flatMap(({ application }) => application.needs.libraries);
}
