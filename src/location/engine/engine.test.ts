import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assembleIndex, imagesOf, type Layer, validateArtifact } from '../../oci/index.ts';
import { succeed } from '../../testing/commands.ts';
import {
  context,
  filesBelow,
  imageOf,
  inTemporaryFolder,
  layerOf,
  layerOfBlob,
  smallImage,
} from '../fixtures.ts';
import { describesImage, listsImage, unpackedLayers } from './held.ts';
import { openSink, openSource, parseLocation, type NamedArtifact } from '../index.ts';

const image = await smallImage('x');
const other = await smallImage('y', 'linux/arm64');
const index = assembleIndex([image, other]);

const engines = [
  {
    kind: 'containers-storage',
    program: 'podman',
    load: 'load',
    archive: 'oci-archive',
    name: 'docker.io/library/cc:1',
  },
  { kind: 'docker-daemon', program: 'docker', load: 'load', archive: 'docker-archive', name: 'cc:1' },
  {
    kind: 'containerd',
    program: 'ctr',
    load: 'image import --platform linux/amd64 -',
    archive: 'oci-archive',
    name: 'docker.io/library/cc:1',
  },
  {
    kind: 'containerd',
    program: 'nerdctl',
    load: 'load --platform linux/amd64',
    archive: 'oci-archive',
    name: 'docker.io/library/cc:1',
    missing: 'ctr',
    killed: '(137): Killed',
  },
] as const;

/** How each command tells of an image. */
const told: Readonly<Record<string, string>> = {
  podman: '[{"Id":"0","Digest":"sha256:0","RepoDigests":["cc@MANIFEST"]}]',
  docker: '[{"Id":"CONFIG","RepoDigests":[]}]',
  nerdctl: '[{"Id":"0","RepoDigests":["cc@MANIFEST"]}]',
  ctr: 'REF TYPE DIGEST SIZE\ndocker.io/library/cc:1 application/x MANIFEST 1.6 MiB linux/amd64 -',
};

/** Answers what the engine has. */
const TELL = 'case "$2" in inspect|ls) test ! -f "$FOLDER/told" || cat "$FOLDER/told"; exit 0;; esac';

/** Runs with a script in place of the engine; without one, with no engine at all. */
async function withEngine(
  program: string,
  script: string | undefined,
  work: (
    write: (location: string, artifacts: NamedArtifact[]) => Promise<unknown>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'bin'));
    if (script !== undefined) {
      await writeFile(join(folder, 'bin', program), `#!/bin/sh\n${TELL}\n${script}`);
      await chmod(join(folder, 'bin', program), 0o755);
    }
    const PATH = script === undefined ? join(folder, 'bin') : `${join(folder, 'bin')}:/usr/bin:/bin`;
    const write = (location: string, artifacts: NamedArtifact[]): Promise<unknown> =>
      openSink(parseLocation(location), { ...context, environment: { PATH, FOLDER: folder } }).write(
        artifacts,
      );
    await work(write, folder);
  });
}

describe.each(engines)('$kind by $program', ({ kind, program, load, archive, name, ...rest }) => {
  const { missing, killed } = { missing: program, killed: '(SIGKILL)', ...rest };

  it('gives the engine one archive with the image under its name', () =>
    withEngine(program, 'echo "$@" > "$FOLDER/args"; cat > "$FOLDER/got.tar"', async (write, folder) => {
      const report = await write(`${kind}:cc:1`, [{ names: ['a', 'b'], artifact: image }]);
      expect(report).toMatchObject({
        location: `${kind}:cc:1`,
        names: [{ name: 'cc:1', digest: image.descriptor.digest }],
      });
      expect(await readFile(join(folder, 'args'), 'utf8')).toBe(`${load}\n`);
      const got = await openSource(parseLocation(`${archive}:${folder}/got.tar`)).open(name);
      await validateArtifact(got);
      expect(got.descriptor.digest).toBe(image.descriptor.digest);
    }));

  it('does not load again what the engine has', () =>
    withEngine(program, 'touch "$FOLDER/loaded"; cat > /dev/null', async (write, folder) => {
      const tell = (digest: string): Promise<void> =>
        writeFile(
          join(folder, 'told'),
          (told[program] ?? '')
            .replace('MANIFEST', digest)
            .replace('CONFIG', digest === image.descriptor.digest ? image.manifest.config.digest : digest),
        );
      await tell(image.descriptor.digest);
      const report = await write(`${kind}:cc:1`, [{ names: [], artifact: image }]);
      expect(report).toMatchObject({ blobsWritten: 0, blobsReused: 4, bytesWritten: 0 });
      expect(await filesBelow(folder)).not.toContain('loaded');
      await tell(other.descriptor.digest);
      expect(await write(`${kind}:cc:1`, [{ names: [], artifact: image }])).toMatchObject({
        blobsWritten: 4,
      });
      expect(await filesBelow(folder)).toContain('loaded');
    }));

  it('takes the image of an index that has one', () =>
    withEngine(program, 'cat > "$FOLDER/got.tar"', async (write, folder) => {
      await write(`${kind}:cc:1`, [
        { names: ['x'], artifact: assembleIndex([other]) },
        { names: ['x-arm64'], artifact: other },
      ]);
      const got = await openSource(parseLocation(`${archive}:${folder}/got.tar`)).open(name);
      expect(imagesOf(got).map((one) => one.descriptor.digest)).toEqual([other.descriptor.digest]);
    }));

  it.each<[string, NamedArtifact[], string]>([
    [
      'an index of several platforms',
      [{ names: ['x'], artifact: index }],
      'Choose one platform of linux/amd64, linux/arm64.',
    ],
    [
      'several images',
      [
        { names: ['x'], artifact: image },
        { names: ['z'], artifact: imageOf([]) },
      ],
      'Give every image a location',
    ],
  ])('does not take %s', (_what, artifacts, hint) =>
    withEngine(program, 'touch "$FOLDER/called"', async (write, folder) => {
      await expect(write(`${kind}:cc:1`, artifacts)).rejects.toMatchObject({
        code: 'USAGE',
        hint: expect.stringContaining(hint) as string,
      });
      expect(await filesBelow(folder)).not.toContain('called');
    }),
  );

  it('says that the engine is missing', () =>
    withEngine(program, undefined, async (write) => {
      await expect(write(`${kind}:cc:1`, [{ names: [], artifact: image }])).rejects.toMatchObject({
        code: 'ENGINE_MISSING',
        message: `${missing} is not installed`,
        hint: expect.stringContaining('archive:') as string,
      });
    }));

  it.each([
    [
      'fails after it has read',
      'cat > /dev/null; echo "Error: no space for https://me:secret@example.com/x" >&2; exit 125',
      '`PROGRAM LOAD` failed (125): Error: no space for https://***@example.com/x',
    ],
    [
      'fails before it has read',
      'echo "Cannot connect" >&2; exit 1',
      '`PROGRAM LOAD` failed (1): Cannot connect',
    ],
    ['is killed', 'kill -9 $$', '`PROGRAM LOAD` failed KILLED'],
    [
      'says much',
      'cat > /dev/null; seq 1 100000; exit 3',
      '`PROGRAM LOAD` failed (3): 99996\n99997\n99998\n99999\n100000',
    ],
    ['claims success without reading', 'exit 0', '`PROGRAM LOAD` did not read the image to its end'],
  ])('says what the engine said when it %s', (_what, script, message) =>
    withEngine(program, script, async (write) => {
      const large = await layerOf({ big: Buffer.alloc(5_000_000, Math.random().toString()) }, 'none');
      await expect(write(`${kind}:cc:1`, [{ names: [], artifact: imageOf([large]) }])).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        message: message.replace('PROGRAM', program).replace('LOAD', load).replace('KILLED', killed),
      });
    }),
  );

  it('ends the engine when a blob is not what it should be', () =>
    withEngine(
      program,
      'trap "exit 1" TERM; cat > "$FOLDER/got.tar"; tar tf "$FOLDER/got.tar" > /dev/null 2>&1 && touch "$FOLDER/loaded"',
      async (write, folder) => {
        const { blob, diffId } = await layerOf({ a: '1' }, 'none');
        const wrong = layerOfBlob({ ...blob, open: () => image.layers[0]!.blob.open() }, diffId, 'none');
        await expect(
          write(`${kind}:cc:1`, [{ names: [], artifact: imageOf([wrong]) }]),
        ).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
        expect(await filesBelow(folder)).not.toContain('loaded');
      },
    ));
});

describe('containerd', () => {
  it('is written to by nerdctl where that is installed, which gets a pipe to read from', () =>
    withEngine('nerdctl', 'test -p /dev/stdin && cat > "$FOLDER/got.tar"', async (write, folder) => {
      await writeFile(join(folder, 'bin', 'ctr'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      await write('containerd:cc:1', [{ names: [], artifact: image }]);
      expect(await filesBelow(folder)).toContain('got.tar');
    }));
});

describe.each([
  { kind: 'containers-storage', program: 'podman', archive: 'oci-archive', name: 'docker.io/library/cc:1' },
  { kind: 'docker-daemon', program: 'docker', archive: 'docker-archive', name: 'cc:1' },
] as const)('$kind by $program, which has some of the layers', ({ kind, program, archive }) => {
  const tell = (folder: string, diffIds: readonly string[]): Promise<void> =>
    writeFile(
      join(folder, 'told'),
      JSON.stringify([{ Id: 'x', GraphDriver: { Data: { UpperDir: '/' } }, RootFS: { Layers: diffIds } }]),
    );
  /** The layers in an archive, by their place in the image. */
  const sent = async (archived: string, layers: readonly Layer[]): Promise<number[]> => {
    const names = (await succeed('tar', ['-tf', archived])).split('\n');
    return layers.flatMap(({ descriptor }, at) =>
      names.includes(`blobs/${descriptor.digest.replace(':', '/')}`) ? [at] : [],
    );
  };
  const layersOf = (...contents: string[]): Promise<Layer[]> =>
    Promise.all(contents.map((content) => layerOf({ a: content })));

  it.each<[string, string[], string[], number[]]>([
    ['none', ['1', '2', '3'], [], [0, 1, 2]],
    ['the lowest', ['1', '2', '3'], ['1', '2', 'x'], [2]],
    ['all of them', ['1', '2', '3'], ['1', '2', '3', '4'], []],
    ['another lowest one', ['1', '2', '3'], ['x', '2', '3'], [0, 1, 2]],
    ['one that comes again above', ['1', '2', '1'], ['1', 'x'], [0, 1, 2]],
  ])('is not given again what it has: %s', (_what, contents, held, expected) =>
    withEngine(program, 'cat > "$FOLDER/got.tar"', async (write, folder) => {
      const layers = await layersOf(...contents);
      await tell(
        folder,
        (await layersOf(...held)).map(({ diffId }) => diffId),
      );
      const report = await write(`${kind}:cc:1`, [{ names: [], artifact: imageOf(layers) }]);
      expect(await sent(join(folder, 'got.tar'), layers)).toEqual(expected);
      const missing = new Set(expected.map((at) => layers[at]?.descriptor.digest));
      expect(report).toMatchObject({ blobsWritten: missing.size + 2 });
    }),
  );

  it('gets the whole image where it does not have them after all', () =>
    withEngine(
      program,
      'cat > "$FOLDER/got.tar"; test -f "$FOLDER/again" || { touch "$FOLDER/again"; echo "no such blob" >&2; exit 1; }',
      async (write, folder) => {
        const layers = await layersOf('1', '2');
        const artifact = imageOf(layers);
        await tell(folder, [layers[0]?.diffId ?? '']);
        expect(await write(`${kind}:cc:1`, [{ names: [], artifact }])).toMatchObject({ blobsWritten: 4 });
        const got = await openSource(parseLocation(`${archive}:${folder}/got.tar`)).open();
        await validateArtifact(got);
        expect(got.descriptor.digest).toBe(artifact.descriptor.digest);
      },
    ));

  it('says why it takes the image in neither way', () =>
    withEngine(program, 'cat > /dev/null; echo "no space" >&2; exit 1', async (write, folder) => {
      const layers = await layersOf('1', '2');
      await tell(folder, [layers[0]?.diffId ?? '']);
      await expect(write(`${kind}:cc:1`, [{ names: [], artifact: imageOf(layers) }])).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        message: `\`${program} load\` failed (1): no space`,
      });
    }));
});

describe('what engines tell of an image', () => {
  const { digest } = image.descriptor;

  it.each<[string, unknown, number]>([
    ['nothing', [], 0],
    ['no list', { GraphDriver: { Data: { a: '' } }, RootFS: { Layers: [digest] } }, 0],
    ['its layers', [{ GraphDriver: { Data: { a: '' } }, RootFS: { Layers: [digest, digest] } }], 2],
    ['layers that are kept as they came', [{ GraphDriver: { Data: null }, RootFS: { Layers: [digest] } }], 0],
    ['no storage', [{ RootFS: { Layers: [digest] } }], 0],
    ['no layers', [{ GraphDriver: { Data: { a: '' } }, RootFS: null }], 0],
    ['something else', [{ GraphDriver: { Data: { a: '' } }, RootFS: { Layers: [digest, 1] } }], 0],
    ['no digests', [{ GraphDriver: { Data: { a: '' } }, RootFS: { Layers: [digest, 'x'] } }], 0],
  ])('unpacked layers: %s', (_what, printed, count) => {
    expect(unpackedLayers(JSON.stringify(printed))).toHaveLength(count);
  });

  it.each([
    ['nothing', '', false],
    ['an error', 'Error: no such image', false],
    ['an empty list', '[]', false],
    ['null', '[null]', false],
    ['something else', '{"Id":"DIGEST"}', false],
    ['another image', '[{"Id":"sha256:1"}]', false],
    ['the digest only in a label', '[{"Id":"x","Config":{"Labels":{"base":"DIGEST"}}}]', false],
    ['references that are no list', '[{"Id":"x","RepoDigests":"x@DIGEST"}]', false],
    ['references that are no text', '[{"Id":"x","RepoDigests":[1,null]}]', false],
    ['its ID', '[{"Id":"DIGEST"}]', true],
    ['its digest', '[{"Id":"x","Digest":"DIGEST"}]', true],
    ['a reference with its digest', '[{"Id":"x","RepoDigests":["a/b@sha256:1","a/b@DIGEST"]}]', true],
  ])('%s', (_what, printed, isHeld) => {
    expect(describesImage(printed.replace('DIGEST', digest), [digest])).toBe(isHeld);
  });

  it.each([
    ['', false],
    ['REF TYPE DIGEST SIZE PLATFORMS LABELS', false],
    ['REF  TYPE  DIGEST\nx:1  type  sha256:1  1 MiB  linux/amd64  base=WANTED', false],
    ['REF  TYPE  DIGEST\nx:1  type  WANTED  1 MiB  linux/amd64  -', true],
  ])('%j', (printed, isHeld) => {
    expect(listsImage(printed.replace('WANTED', digest), digest)).toBe(isHeld);
  });
});
