import { PithError } from '../core/index.ts';
import { openArchiveSink } from './archive/sink.ts';
import { openDockerSource } from './archive/docker-source.ts';
import { tarTree } from './archive/tar-tree.ts';
import type { ImageSink, ImageSource, LocationContext } from './contract.ts';
import { openEngineSink } from './engine/sink.ts';
import { folderTree } from './file-tree.ts';
import { openLayoutSink } from './layout/sink.ts';
import { openLayoutSource } from './layout/source.ts';
import type { Location } from './location.ts';

/** Opens a location to write to. Nothing is touched before the first write. */
export function openSink(location: Location, context: LocationContext): ImageSink {
  switch (location.kind) {
    case 'oci':
      return openLayoutSink(location, context);
    case 'oci-archive':
    case 'docker-archive':
      return openArchiveSink(location, context);
    case 'containers-storage':
    case 'docker-daemon':
      return openEngineSink(location, context);
  }
}

/**
 * Opens a location to read from. Nothing is read before the first call.
 * @throws BAD_LOCATION for an engine, whose storage is not read
 */
export function openSource(location: Location): ImageSource {
  switch (location.kind) {
    case 'oci':
      return openLayoutSource(() => folderTree(location.path), location.reference);
    case 'oci-archive':
      return openLayoutSource(() => tarTree(location.path), location.reference);
    case 'docker-archive':
      return openDockerSource(location.path, location.reference);
    case 'containers-storage':
    case 'docker-daemon':
      throw new PithError('BAD_LOCATION', `images cannot be read from ${location.kind}:`, {
        hint: 'Save the image first (`podman save --format oci-archive -o FILE NAME` or `docker save -o FILE NAME`) and read the file.',
      });
  }
}
