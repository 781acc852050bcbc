import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf, hexOf } from '../core/index.ts';
import { context } from '../location/fixtures.ts';
import { openSink, openSource, parseLocation } from '../location/index.ts';
import { imagesOf } from '../oci/index.ts';
import { temporaryFolder } from '../testing/commands.ts';
import { makeImage, makeLayer } from '../testing/layered-image.ts';
import { attachedTypes } from './attached-types.ts';

const { folder, remove } = temporaryFolder();
const image = makeImage([makeLayer({ a: '1' })]);
const other = makeImage([makeLayer({ a: '2' })], { platform: 'linux/arm64' });
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 };

interface Stored {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Puts a document into the layout as other tools would. */
async function store(value: object, mediaType: string): Promise<Stored> {
  const text = JSON.stringify(value);
  const digest = digestOf(text);
  await writeFile(join(folder, 'blobs', 'sha256', hexOf(digest)), text);
  return { mediaType, digest, size: text.length };
}

beforeAll(async () => {
  const artifacts = [image, other].map((artifact, at) => ({ names: [`image-${at}`], artifact }));
  await openSink(parseLocation(`oci:${folder}`), context).write(artifacts);
  await writeFile(join(folder, 'blobs', 'sha256', hexOf(EMPTY.digest)), '{}');
  const statement = await store(
    { predicateType: 'https://spdx.dev/Document' },
    'application/vnd.in-toto+json',
  );
  const attestation = await store(
    {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: EMPTY,
      layers: [{ ...statement, annotations: { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' } }],
    },
    MANIFEST,
  );
  const index = await store(
    {
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [
        { ...image.descriptor, platform: { architecture: 'amd64', os: 'linux' } },
        { ...other.descriptor, platform: { architecture: 'arm64', os: 'linux' } },
        {
          ...attestation,
          platform: { architecture: 'unknown', os: 'unknown' },
          annotations: {
            'vnd.docker.reference.type': 'attestation-manifest',
            'vnd.docker.reference.digest': image.descriptor.digest,
          },
        },
      ],
    },
    INDEX,
  );
  const bill = await store(
    {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: 'application/vnd.cyclonedx+json',
      config: EMPTY,
      layers: [EMPTY],
      subject: { mediaType: MANIFEST, digest: other.descriptor.digest, size: other.descriptor.size },
    },
    MANIFEST,
  );
  const path = join(folder, 'index.json');
  const listed = JSON.parse(await readFile(path, 'utf8')) as { manifests: object[] };
  const named = { ...index, annotations: { 'org.opencontainers.image.ref.name': 'both' } };
  await writeFile(path, JSON.stringify({ ...listed, manifests: [...listed.manifests, named, bill] }));
});
afterAll(remove);

it('finds attestations beside an image in its index, and what refers to it', async () => {
  const location = parseLocation(`oci:${folder}:both`);
  const opened = imagesOf(await openSource(location, context).open());
  const types = await Promise.all(
    opened.map((one) => attachedTypes({ location, image: one }, { locations: context })),
  );
  expect(types).toEqual([
    ['application/vnd.in-toto+json', 'https://spdx.dev/Document'],
    ['application/vnd.cyclonedx+json', EMPTY.mediaType],
  ]);
});
