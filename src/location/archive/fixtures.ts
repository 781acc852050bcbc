import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fileEntry, inTemporaryFolder, smallImage } from '../fixtures.ts';
import { openSource, parseLocation, type ImageSource } from '../index.ts';

/** For tests: archives of a layout, sound and not. */

export type Files = [string | ReturnType<typeof fileEntry>, string | Uint8Array][];

export const image = await smallImage('x');
const [firstLayer] = image.layers;
if (!firstLayer) throw new Error('the image of the tests has layers');
export const layer = firstLayer;
export const pathOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
export const named = { ...image.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'x:1' } };
export const indexOf = (...manifests: object[]): string => JSON.stringify({ schemaVersion: 2, manifests });

/** The files of a layout, with changes: a value to replace a file, null to leave it out, more files at the end. */
export async function layoutFiles(
  changes: Record<string, string | null> = {},
  more: Files = [],
): Promise<Files> {
  const files = new Map<string, string | Uint8Array>([
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ['index.json', indexOf(named)],
    [pathOf(image.descriptor.digest), image.manifestBytes],
    [pathOf(image.manifest.config.digest), image.configBytes],
  ]);
  for (const { blob } of image.layers)
    for await (const bytes of blob.open()) files.set(pathOf(blob.digest), bytes);
  for (const [path, content] of Object.entries(changes))
    if (content === null) files.delete(path);
    else files.set(path, content);
  return [...files, ...more];
}

export const link = (path: string, linkName: string): Files[number] => [
  fileEntry(path, 0, { type: 'symlink', linkName }),
  '',
];
export const layerPath = pathOf(layer.blob.digest);
export const manifestPath = pathOf(image.descriptor.digest);
export const saved = (change: object = {}): string =>
  JSON.stringify([
    {
      Config: pathOf(image.manifest.config.digest),
      RepoTags: ['x:1'],
      Layers: image.layers.map(({ blob }) => pathOf(blob.digest)),
      ...change,
    },
  ]);
export const faultOf = (text: string): unknown =>
  expect.objectContaining({ code: 'IMAGE_INVALID', message: expect.stringContaining(text) as string });

export async function read(
  kind: string,
  bytes: Uint8Array,
  work: (source: ImageSource) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'in.tar'), bytes);
    await work(openSource(parseLocation(`${kind}:${join(folder, 'in.tar')}`)));
  });
}
