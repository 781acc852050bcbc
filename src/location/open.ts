import { archiveTree } from './archive/archive-tree.ts';
import { openArchiveSink } from './archive/sink.ts';
import { openDockerSource } from './archive/docker-source.ts';
import type { ImageSink, ImageSource, LocationContext } from './contract.ts';
import { openEngineSink } from './engine/sink.ts';
import { folderTree } from './file-tree.ts';
import { openLayoutSink } from './layout/sink.ts';
import { openLayoutSource } from './layout/source.ts';
import type { Location } from './location.ts';
import type { RegistryClient } from './registry/client.ts';
import { parseRegistryReference, type RegistryReference } from './registry/reference.ts';
import type { ReadContext } from './registry/settings.ts';

/** Opens a location to write to. Nothing is touched before the first write. */
export function openSink(location: Location, context: LocationContext): ImageSink {
  switch (location.kind) {
    case 'oci':
      return openLayoutSink(location, context);
    case 'oci-archive':
    case 'docker-archive':
      return openArchiveSink(location, context);
    case 'docker':
      return laterSink(async () => (await import('./registry/sink.ts')).openRegistrySink(location, context));
    case 'containers-storage':
    case 'docker-daemon':
    case 'containerd':
      return openEngineSink(location, context);
  }
}

/**
 * Opens a location to read from. Nothing is read before the first call.
 * @param context what a registry or an engine is reached with; files need none
 */
export function openSource(location: Location, context: ReadContext = { environment: {} }): ImageSource {
  switch (location.kind) {
    case 'oci':
      return openLayoutSource(() => folderTree(location.path), location.reference);
    case 'oci-archive':
      return openLayoutSource(() => archiveTree(location.path), location.reference);
    case 'docker-archive':
      return openDockerSource(() => archiveTree(location.path), location.reference);
    case 'docker': {
      const reference = parseRegistryReference(location.reference);
      return laterSource(async () =>
        (await import('./registry/source.ts')).openRegistrySource(reference, context),
      );
    }
    case 'containers-storage':
    case 'docker-daemon':
    case 'containerd':
      return laterSource(async () =>
        (await import('./engine/source.ts')).openEngineSource(location, context),
      );
  }
}

/** What can be asked of one repository beyond reading and writing images. Nothing is asked before the first call. */
export async function openRegistry(
  reference: Pick<RegistryReference, 'registry' | 'repository'>,
  context: ReadContext,
): Promise<RegistryClient> {
  const [{ RegistryClient }, { registryOf }] = await Promise.all([
    import('./registry/client.ts'),
    import('./registry/registries.ts'),
  ]);
  return new RegistryClient(registryOf(reference.registry, context), reference.repository);
}

/** A sink whose code is loaded when it is used. */
function laterSink(load: () => Promise<ImageSink>): ImageSink {
  return {
    check: async () => (await load()).check(),
    write: async (artifacts, options) => (await load()).write(artifacts, options),
    unchanged: async (name, digest) => (await load()).unchanged?.(name, digest),
  };
}

/** A source whose code is loaded when it is used. */
function laterSource(load: () => Promise<ImageSource>): ImageSource {
  let opened: Promise<ImageSource> | undefined;
  const source = (): Promise<ImageSource> => (opened ??= load());
  return {
    list: async () => (await source()).list(),
    resolve: async (reference) => (await source()).resolve(reference),
    open: async (reference, options) => (await source()).open(reference, options),
    openAny: async (reference, options) => (await source()).openAny(reference, options),
    referrers: async (digest) => (await source()).referrers(digest),
  };
}
