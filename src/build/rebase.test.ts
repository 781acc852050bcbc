import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assembleIndex, type Image, imagesOf, type Layer, validateArtifact } from '../oci/index.ts';
import { Store } from '../store/index.ts';
import { asDockerImage, makeImage, makeLayer } from '../testing/layered-image.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { readBaseAnnotations } from './rebase-annotations.ts';
import { rebaseImage, type RebaseOptions } from './rebase.ts';

const folder = mkdtempSync(join(tmpdir(), 'pith-rebase-'));
const store = Store.open(folder);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const RELEASE = { 'etc/os-release': 'ID=debian\nVERSION_ID=13\n' };
const OLD = [makeLayer(RELEASE), makeLayer({ 'usr/a': 'old' })];
const NEW = [makeLayer({ ...RELEASE, etc: 'folder' }), makeLayer({ 'usr/a': 'new' }), makeLayer({ b: 'b' })];
const OWN = [makeLayer({ 'app/x': 'x' }), makeLayer({ 'app/y': 'y' })];

const rebase = (options: RebaseOptions): ReturnType<typeof rebaseImage> => rebaseImage(options, { store });
const diffIds = (layers: readonly Layer[]): string[] => layers.map(({ diffId }) => diffId);
const firstOf = (artifact: Parameters<typeof imagesOf>[0]): Image => {
  const [image] = imagesOf(artifact);
  if (!image) throw new Error('no image');
  return image;
};

describe('an image on a new base', () => {
  const options = {
    image: makeImage([...OLD, ...OWN], { config: { Cmd: ['x'] }, annotations: { own: '1' } }),
    oldBase: makeImage(OLD),
    newBase: makeImage(NEW),
  };

  it('has the layers of the new base, then its own', async () => {
    const { artifact } = await rebase(options);
    expect(artifact.kind).toBe('image');
    expect(firstOf(artifact).layers).toEqual([...NEW, ...OWN]);
    await validateArtifact(artifact);
  });

  it('is reported', async () => {
    const { platforms, leftOut, artifact } = await rebase(options);
    expect(leftOut).toBe(0);
    expect(platforms).toEqual([
      {
        platform: 'linux/amd64',
        before: options.image.descriptor.digest,
        after: artifact.descriptor.digest,
        oldBase: options.oldBase.descriptor.digest,
        newBase: options.newBase.descriptor.digest,
        layersRemoved: 2,
        layersAdded: 3,
        layersKept: 2,
        findings: [],
        notes: [],
      },
    ]);
  });

  it('has the same digest every time', async () => {
    const digests = [await rebase(options), await rebase(options)].map(
      ({ artifact }) => artifact.descriptor.digest,
    );
    expect(new Set(digests).size).toBe(1);
  });

  it('can go back', async () => {
    const there = await rebase(options);
    const back = await rebase({ image: there.artifact, oldBase: options.newBase, newBase: options.oldBase });
    expect(firstOf(back.artifact).layers).toEqual(options.image.layers);
  });

  it('may be the base itself', async () => {
    const { artifact, platforms } = await rebase({ ...options, image: options.oldBase });
    expect(firstOf(artifact).layers).toEqual(NEW);
    expect(platforms[0]?.layersKept).toBe(0);
  });

  it('lies on its base however the layers are compressed, and gets those of the new base as they are', async () => {
    const stored = makeLayer(RELEASE, { level: 0 });
    expect(stored.descriptor.digest).not.toBe(OLD[0]?.descriptor.digest);
    const image = makeImage([stored, ...OLD.slice(1), ...OWN]);
    expect(firstOf((await rebase({ ...options, image })).artifact).layers).toEqual([...NEW, ...OWN]);
  });

  it.each<[string, boolean, boolean, boolean]>([
    ['image', true, false, false],
    ['old base', false, true, false],
    ['new base', false, false, true],
    ['image and bases', true, true, true],
  ])('is an OCI image if Docker made the %s', async (_what, image, oldBase, newBase) => {
    const { artifact } = await rebase({
      image: image ? asDockerImage(options.image) : options.image,
      oldBase: oldBase ? asDockerImage(options.oldBase) : options.oldBase,
      newBase: newBase ? asDockerImage(options.newBase) : options.newBase,
    });
    await validateArtifact(artifact);
    expect(firstOf(artifact).manifest.layers).toEqual([...NEW, ...OWN].map(({ descriptor }) => descriptor));
    expect(artifact.manifest.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
  });

  it('ends where it is told to', async () => {
    const signal = AbortSignal.abort();
    expect((await rejectionOf(rebaseImage(options, { store, signal }))).code).toBe('INTERRUPTED');
  });
});

describe('an image that does not lie on the old base', () => {
  const fail = async (layers: readonly Layer[], old: readonly Layer[] = OLD): Promise<string[]> => {
    const error = await rejectionOf(
      rebase({ image: makeImage(layers), oldBase: makeImage(old), newBase: makeImage(NEW), force: true }),
    );
    expect(error.code).toBe('REBASE_UNSOUND');
    return [error.message, error.hint ?? ''];
  };

  it('is refused with the layer where they part', async () => {
    const [first, second] = OLD;
    const [own] = OWN;
    if (!first || !second || !own) throw new Error('no layers');
    expect(await fail([first, own])).toEqual([
      `the image for linux/amd64 does not lie on the old base: layer 2 is ${own.diffId}, in the old base ${second.diffId} (diffIDs)`,
      'Name the base that it was built on with --old, best by digest: a tag may have moved since.',
    ]);
  });

  it('is refused if it has fewer layers', async () => {
    const [message] = await fail(OLD.slice(0, 1));
    expect(message).toContain('it has 1 layer, the old base 2 layers');
  });

  it('is told if it lies on the new one already', async () => {
    expect((await fail([...NEW, ...OWN]))[1]).toBe('It lies on the new base already.');
  });
});

describe('an index on a new base', () => {
  const platforms = ['linux/amd64', 'linux/arm64'];
  const indexOf = (layers: readonly Layer[], names = platforms): ReturnType<typeof assembleIndex> =>
    assembleIndex(
      names.map((platform) => makeImage(layers, { platform })),
      { own: '1' },
    );

  it('has each image on the base of its platform', async () => {
    const { artifact, platforms: reports } = await rebase({
      image: indexOf([...OLD, ...OWN]),
      oldBase: indexOf(OLD, ['linux/arm64', 'linux/s390x', 'linux/amd64']),
      newBase: indexOf(NEW, ['linux/arm64', 'linux/amd64']),
    });
    await validateArtifact(artifact);
    expect(artifact.kind).toBe('index');
    expect(imagesOf(artifact).map(({ config }) => config.architecture)).toEqual(['amd64', 'arm64']);
    for (const image of imagesOf(artifact)) expect(diffIds(image.layers)).toEqual(diffIds([...NEW, ...OWN]));
    expect(reports.map(({ platform }) => platform)).toEqual(platforms);
    expect(artifact.manifest.annotations).toMatchObject({ own: '1' });
  });

  it('leaves out what told of the old images', async () => {
    const index = indexOf([...OLD, ...OWN]);
    const bytes = Buffer.from('{}');
    const other = { kind: 'other', descriptor: index.descriptor, bytes, blobs: [], children: [] } as const;
    const { artifact, leftOut } = await rebase({
      image: { ...index, others: [other] },
      oldBase: indexOf(OLD),
      newBase: indexOf(NEW),
    });
    expect(leftOut).toBe(1);
    expect(artifact).not.toHaveProperty('others');
  });

  it.each(['oldBase', 'newBase'] as const)('needs its platforms in the %s', async (which) => {
    const options = { image: indexOf([...OLD, ...OWN]), oldBase: indexOf(OLD), newBase: indexOf(NEW) };
    const layers = which === 'oldBase' ? OLD : NEW;
    const error = await rejectionOf(rebase({ ...options, [which]: makeImage(layers) }));
    expect(error).toMatchObject({
      code: 'UNKNOWN_PLATFORM',
      message: `the ${which === 'oldBase' ? 'old' : 'new'} base has no image for linux/arm64`,
      hint: 'It has linux/amd64. Choose the platforms with --platform.',
    });
  });

  it('names the platforms of what was found where it is not all of them', async () => {
    const image = assembleIndex([
      makeImage([...OLD, ...OWN]),
      makeImage([...OLD, makeLayer({ 'usr/a': 'x' })], { platform: 'linux/arm64' }),
    ]);
    const error = await rejectionOf(rebase({ image, oldBase: indexOf(OLD), newBase: indexOf(NEW) }));
    expect(error.message).toBe(
      'the image would not be sound on the new base: /usr/a of the old base is changed by the application (linux/arm64)',
    );
  });

  it('that is empty is refused', async () => {
    const error = await rejectionOf(
      rebase({ image: indexOf([], []), oldBase: indexOf(OLD), newBase: indexOf(NEW) }),
    );
    expect(error.code).toBe('IMAGE_INVALID');
  });
});

const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';

describe('the annotations of the base', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const annotations = { [NAME]: 'example.org/base:1', [DIGEST]: digest };
  const known = { name: 'example.org/base:1', digest, oldReference: `example.org/base@${digest}` };

  it.each<[string, Parameters<typeof readBaseAnnotations>[0], object]>([
    ['an image', makeImage(OLD, { annotations }), known],
    ['an index', assembleIndex([makeImage(OLD)], annotations), known],
    [
      'images that agree',
      assembleIndex([makeImage(OLD, { annotations }), makeImage(NEW, { annotations })]),
      known,
    ],
    [
      'images that do not agree on the digest',
      assembleIndex([
        makeImage(OLD, { annotations }),
        makeImage(OLD, { annotations: { ...annotations, [DIGEST]: `sha256:${'b'.repeat(64)}` } }),
      ]),
      { name: 'example.org/base:1' },
    ],
    ['an image without any', makeImage(OLD), {}],
    [
      'an image with a short name',
      makeImage(OLD, { annotations: { [NAME]: 'debian:13', [DIGEST]: digest } }),
      { name: 'debian:13', digest, oldReference: `docker.io/library/debian@${digest}` },
    ],
    [
      'an image with nonsense',
      makeImage(OLD, { annotations: { [NAME]: '../x y', [DIGEST]: 'sha256:1' } }),
      {},
    ],
  ])('are read of %s', (_what, artifact, expected) => {
    expect(readBaseAnnotations(artifact)).toEqual(expected);
  });

  it.each([
    ['with a name', 'example.org/base:2', { [NAME]: 'example.org/base:2' }],
    ['without a name', undefined, {}],
  ])('tell of the new base afterwards: %s', async (_what, newBaseName, named) => {
    const newBase = assembleIndex([makeImage(NEW)]);
    const { artifact } = await rebase({
      image: assembleIndex([makeImage([...OLD, ...OWN], { annotations: { ...annotations, own: '1' } })]),
      oldBase: makeImage(OLD),
      newBase,
      ...(newBaseName === undefined ? {} : { newBaseName }),
    });
    const expected = { ...named, [DIGEST]: newBase.descriptor.digest };
    expect(artifact.manifest.annotations).toEqual(expected);
    expect(firstOf(artifact).manifest.annotations).toEqual({ ...expected, own: '1' });
  });
});
