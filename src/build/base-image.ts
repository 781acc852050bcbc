import { type Digest, hexOf, Once } from '../core/index.ts';
import { type Package, parseInstalled } from '../distro/index.ts';
import type { Image } from '../oci/index.ts';
import { LayeredFiles, type ListedFile } from '../rootfs/index.ts';
import type { Store } from '../store/index.ts';
import { decodeListing, encodeListing } from './listing.ts';
import { readLayer } from './read-layer.ts';

const RECORD = 'base-image';
/** Changes when another listing would be made of the same layers. */
const BASE_VERSION = 3;

/** What is known of the file system of an image that others build on. */
export interface BaseContents {
  readonly files: readonly ListedFile[];
  /** Content of databases and of what derived files are made of, by path. */
  readonly captured: ReadonlyMap<string, Uint8Array>;
}

const reading = new Once<BaseContents>();

/**
 * Reads the layers of an image once, without keeping them; what was found is remembered by the digest of the manifest.
 * @throws PithError IMAGE_INVALID, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE, and what reading the layers throws
 */
export function readBaseImage(image: Image, store: Store): Promise<BaseContents> {
  const key = `${BASE_VERSION}-${hexOf(image.descriptor.digest)}`;
  return reading.do(key, async () => {
    const known = store.readRecord(RECORD, key) as { listing: Digest } | undefined;
    const bytes = known && (await store.readBlob(known.listing));
    if (bytes) {
      const { files, captured } = decodeListing(bytes);
      return { files, captured: decodeAll(captured) };
    }
    const contents = await readLayers(image);
    const listing = await store.writeBlob(
      encodeListing(contents.files, Object.fromEntries(contents.captured)),
    );
    await store.writeRecord(RECORD, key, { listing });
    return contents;
  });
}

/** The packages that the image's own database tells of; none for an image of another distribution than Debian's kind. */
export function installedPackages({ captured }: BaseContents): Package[] {
  return [...captured]
    .filter(([path]) => /^var\/lib\/dpkg\/status(\.d\/[^/]+)?$/.test(path) && !path.endsWith('.md5sums'))
    .flatMap(([path, content]) => parseInstalled(Buffer.from(content).toString('utf8'), `/${path}`));
}

/** The values of os-release(5): `ID`, `VERSION_ID` … */
export function osReleaseOf({ captured }: BaseContents): ReadonlyMap<string, string> {
  const content = captured.get('usr/lib/os-release') ?? captured.get('etc/os-release') ?? new Uint8Array(0);
  const lines = Buffer.from(content).toString('utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, name, value = ''] = /^([A-Z_]+)=["']?(.*?)["']?$/.exec(line.trim()) ?? [];
      return name === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Whether the top-level folders of the image are links into /usr. */
export function isUsrMerged({ files }: BaseContents): boolean {
  return files.some(({ path, type }) => path === 'lib' && type === 'symlink');
}

function decodeAll(captured: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  return new Map(
    Object.entries(captured).map(([path, text]) => [path, Buffer.from(text, 'base64')] as const),
  );
}

async function readLayers(image: Image): Promise<BaseContents> {
  const layered = new LayeredFiles();
  const contents = new Map<string, { file: ListedFile; content: Uint8Array }>();
  for (const [index, layer] of image.layers.entries()) {
    layered.startLayer();
    for await (const { file, content } of readLayer(layer, `layer ${index + 1} of the base image`)) {
      layered.add(file);
      if (content) contents.set(file.path, { file, content });
    }
  }
  const captured = [...contents].filter(([path, { file }]) => layered.get(path) === file);
  return {
    files: layered.files(),
    captured: new Map(captured.map(([path, { content }]) => [path, content])),
  };
}
