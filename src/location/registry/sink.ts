import { blobOfBytes } from '../../oci/index.ts';
import { blobsOf } from '../blobs.ts';
import type { ImageSink, LocationContext, NamedArtifact } from '../contract.ts';
import { formatLocation, type RegistryLocation } from '../location.ts';
import { reportOf } from '../report.ts';
import { headManifest } from './manifests.ts';
import { Push } from './push.ts';
import { parseRegistryReference } from './reference.ts';
import { registryOf } from './registries.ts';
import { Repository } from './repository.ts';
import { planTargets } from './targets.ts';
import { Upload } from './upload.ts';

const NOTHING = blobOfBytes(new Uint8Array());

/**
 * Writes into a registry. Whatever is there already stays and is not sent again; tags move last, when everything that
 * they stand for is there. A failure leaves tags as they were, unless it comes among several tags.
 */
export function openRegistrySink(location: RegistryLocation, context: LocationContext): ImageSink {
  const reference = parseRegistryReference(location.reference);
  const registry = registryOf(reference.registry, context);
  return {
    async check() {
      if (reference.isFolder) {
        const access = { registry: registry.name, repository: '', scopes: [], purpose: 'access to it' };
        await registry.check(access);
        return;
      }
      const repository = new Repository(registry, reference.repository, 'pull,push');
      // Guests may push to few registries: it is better to know before an image is built.
      if ((await repository.check()) === 'guest') await (await Upload.open(repository, NOTHING)).cancel();
    },

    async unchanged(name, digest) {
      const tag = reference.tag ?? reference.digest;
      if (reference.isFolder || tag === undefined) return undefined;
      const repository = new Repository(registry, reference.repository, 'pull,push');
      if ((await headManifest(repository, tag))?.digest !== digest) return undefined;
      return {
        location: formatLocation(location),
        names: [{ name: name ?? tag, digest }],
        blobsWritten: 0,
        blobsReused: 0,
        bytesWritten: 0,
      };
    },

    async write(artifacts) {
      const targets = planTargets(reference, artifacts);
      const push = new Push(registry, context.signal);
      await push.run(targets);
      const named: NamedArtifact[] = targets.map(({ names, artifact }) => ({
        names: names.map(({ name }) => name),
        artifact,
      }));
      const blobs = blobsOf(named);
      return reportOf(
        location,
        named,
        blobs,
        blobs.filter((blob) => push.sent.has(blob.digest)),
      );
    },
  };
}
