import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assembleIndex, imagesOf, validateArtifact } from '../../oci/index.ts';
import {
  context,
  filesBelow,
  imageOf,
  inTemporaryFolder,
  layerOf,
  layerOfBlob,
  smallImage,
} from '../fixtures.ts';
import { openSink, openSource, parseLocation, type NamedArtifact } from '../index.ts';

const image = await smallImage('x');
const other = await smallImage('y', 'linux/arm64');
const index = assembleIndex([image, other]);

const engines = [
  ['containers-storage', 'podman', 'oci-archive', 'docker.io/library/cc:1'],
  ['docker-daemon', 'docker', 'docker-archive', 'cc:1'],
] as const;

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
      await writeFile(join(folder, 'bin', program), `#!/bin/sh\n${script}`);
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

describe.each(engines)('%s', (kind, program, archive, name) => {
  it('gives the engine one archive with the image under its name', () =>
    withEngine(program, 'echo "$@" > "$FOLDER/args"; cat > "$FOLDER/got.tar"', async (write, folder) => {
      const report = await write(`${kind}:cc:1`, [{ names: ['a', 'b'], artifact: image }]);
      expect(report).toMatchObject({
        location: `${kind}:cc:1`,
        names: [{ name: 'cc:1', digest: image.descriptor.digest }],
      });
      expect(await readFile(join(folder, 'args'), 'utf8')).toBe('load\n');
      const got = await openSource(parseLocation(`${archive}:${folder}/got.tar`)).open(name);
      await validateArtifact(got);
      expect(got.descriptor.digest).toBe(image.descriptor.digest);
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
        message: `${program} is not installed`,
        hint: expect.stringContaining('archive:') as string,
      });
    }));

  it.each([
    [
      'fails after it has read',
      'cat > /dev/null; echo "Error: no space for https://me:secret@example.com/x" >&2; exit 125',
      '`PROGRAM load` failed (125): Error: no space for https://***@example.com/x',
    ],
    [
      'fails before it has read',
      'echo "Cannot connect" >&2; exit 1',
      '`PROGRAM load` failed (1): Cannot connect',
    ],
    ['is killed', 'kill -9 $$', '`PROGRAM load` failed (SIGKILL)'],
    [
      'says much',
      'cat > /dev/null; seq 1 100000; exit 3',
      '`PROGRAM load` failed (3): 99996\n99997\n99998\n99999\n100000',
    ],
    ['claims success without reading', 'exit 0', '`PROGRAM load` did not read the image to its end'],
  ])('says what the engine said when it %s', (_what, script, message) =>
    withEngine(program, script, async (write) => {
      const large = await layerOf({ big: Buffer.alloc(5_000_000, Math.random().toString()) }, 'none');
      await expect(write(`${kind}:cc:1`, [{ names: [], artifact: imageOf([large]) }])).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        message: message.replace('PROGRAM', program),
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

  it('is not read from', () => {
    expect(() => openSource(parseLocation(`${kind}:cc:1`))).toThrow(
      expect.objectContaining({ code: 'BAD_LOCATION' }),
    );
  });
});
