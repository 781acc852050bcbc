import { gzipSync } from 'node:zlib';
import { digestOf } from '../core/index.ts';
import {
  assembleImage,
  blobOfBytes,
  encodeManifest,
  type Image,
  type ImageConfig,
  type Layer,
  layerTypeOf,
  parsePlatform,
} from '../oci/index.ts';
import { makeTar, type TestFile } from './deb.ts';

/** Files by path: content, `-> TARGET` (a symbolic link), `folder`, or an entry. `.wh.NAME` is a whiteout, as in layers. */
export type LayerFiles = Readonly<Record<string, string | Uint8Array | Partial<TestFile>>>;

export function makeLayer(files: LayerFiles, { level = 6 }: { level?: number } = {}): Layer {
  const tar = makeTar(Object.entries(files).map(([path, what]) => ({ path, ...fileOf(what) })));
  const blob = blobOfBytes(gzipSync(tar, { level }));
  const descriptor = { mediaType: layerTypeOf('gzip'), digest: blob.digest, size: blob.size };
  return { descriptor, diffId: digestOf(tar), blob };
}

function fileOf(what: LayerFiles[string]): Partial<TestFile> {
  if (what instanceof Uint8Array) return { content: what };
  if (typeof what !== 'string') return what;
  if (what === 'folder') return { type: 'directory' };
  return what.startsWith('-> ') ? { type: 'symlink', linkName: what.slice(3) } : { content: what };
}

export interface TestImage extends Partial<Omit<ImageConfig, 'rootfs'>> {
  readonly platform?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image of layers for linux/amd64, if not told otherwise. */
export function makeImage(layers: readonly Layer[], options: TestImage = {}): Image {
  const { platform = 'linux/amd64', annotations = {}, ...config } = options;
  return assembleImage({ config: { ...parsePlatform(platform), ...config }, layers, annotations });
}

/** The same image as Docker describes it: image manifest version 2, schema 2. */
export function asDockerImage(image: Image): Image {
  const layers = image.layers.map((layer) => ({
    ...layer,
    descriptor: {
      ...layer.descriptor,
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
    },
  }));
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { ...image.manifest.config, mediaType: 'application/vnd.docker.container.image.v1+json' },
    layers: layers.map(({ descriptor }) => descriptor),
  } as const;
  const manifestBytes = encodeManifest(manifest);
  const descriptor = {
    ...image.descriptor,
    mediaType,
    digest: digestOf(manifestBytes),
    size: manifestBytes.length,
  };
  return { ...image, descriptor, manifest, manifestBytes, layers };
}
