import type { Digest } from '../core/index.ts';
import { openSource } from '../location/index.ts';
import type { AnyArtifact, ImageIndex, OtherArtifact } from '../oci/index.ts';
import type { OpenedImage, ViewContext } from './open-view.ts';

const ABOUT = 'vnd.docker.reference.digest';
const PREDICATE = 'in-toto.io/predicate-type';

interface SomeManifest {
  readonly artifactType?: unknown;
  readonly layers?: unknown;
}

/**
 * Types of what a location has about an image: of its referrers, and of attestations beside it in its index.
 * @throws what reading the location throws
 */
export async function attachedTypes(
  { location, image }: Pick<OpenedImage, 'location' | 'image'>,
  { locations }: Pick<ViewContext, 'locations'>,
): Promise<string[]> {
  const source = openSource(location, locations);
  const { digest } = image.descriptor;
  const whole = await source.openAny();
  const beside = whole.kind === 'index' ? besideIn(whole, digest) : [];
  const referring = await source.referrers(digest);
  return [...beside, ...referring].flatMap(typesOf);
}

/** What an index has beside its images that is about one of them, or does not say what it is about. */
function besideIn({ manifest, others = [] }: ImageIndex, digest: Digest): readonly OtherArtifact[] {
  return others.filter(({ descriptor, subject }) => {
    const listed = manifest.manifests.find((one) => one.digest === descriptor.digest);
    return (subject?.digest ?? listed?.annotations?.[ABOUT] ?? digest) === digest;
  });
}

function typesOf(artifact: AnyArtifact): string[] {
  const { artifactType } = artifact.descriptor;
  const bytes = artifact.kind === 'image' ? artifact.manifestBytes : artifact.bytes;
  const manifest = JSON.parse(Buffer.from(bytes).toString('utf8')) as SomeManifest;
  const layers = Array.isArray(manifest.layers) ? (manifest.layers as Record<string, unknown>[]) : [];
  const types = [artifactType, manifest.artifactType, ...layers.flatMap(typesOfLayer)];
  return types.filter((type) => typeof type === 'string');
}

function typesOfLayer({ mediaType, annotations }: Record<string, unknown>): unknown[] {
  return [mediaType, (annotations as Record<string, unknown> | undefined)?.[PREDICATE]];
}
