import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, mapConcurrent, PithError } from '../../core/index.ts';
import { assembleIndex, validateArtifact } from '../../oci/index.ts';
import {
  FAULTS,
  startRegistry,
  USER,
  type RegistryFault,
  type TestRegistry,
} from '../../testing/registry.ts';
import { readManifest } from '../../testing/registry-manifest.ts';
import { filesBelow, imageOf, inTemporaryFolder, layerOf, smallImage } from '../fixtures.ts';
import { copyArtifact, openSink, openSource, parseLocation, type LocationContext } from '../index.ts';
import { contextWith } from '../../testing/registry-context.ts';

/**
 * Every request of a push, a pull and a copy in turn meets every fault. Whatever happens, the end is the right result or
 * a clear error, and nothing is half there.
 */

const layer = await layerOf({ big: randomBytes(100_000) });
const index = assembleIndex([imageOf([layer]), imageOf([layer], 'linux/arm64')]);
const before = await smallImage('before');
const SCENES_AT_ONCE = 8;

/** What a registry shows to others has to be whole: what a tag stands for, and everything below it. */
function expectWhole({ protocol }: TestRegistry): void {
  for (const [name, { blobs, manifests, tags }] of protocol.repositories) {
    for (const [digest, bytes] of blobs) expect(digestOf(bytes), name).toBe(digest);
    for (const [digest, { bytes }] of manifests) {
      expect(digestOf(bytes)).toBe(digest);
      const parts = readManifest(bytes);
      for (const blob of parts.blobs) expect([...blobs.keys()]).toContain(blob);
      for (const manifest of parts.manifests) expect([...manifests.keys()]).toContain(manifest);
    }
    for (const digest of tags.values()) expect([...manifests.keys()]).toContain(digest);
  }
}

interface Outcome {
  readonly error: PithError | undefined;
}

async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work();
    return { error: undefined };
  } catch (error) {
    expect(error, String(error)).toBeInstanceOf(PithError);
    return { error: error as PithError };
  }
}

/** Faults that pass if they are met once: the operation has to succeed. */
const PASSING: readonly RegistryFault[] = [
  'reset',
  'half',
  'lost',
  'stall',
  'truncated',
  '429',
  '500',
  '502 page',
  'slow',
];

function expectClear({ error }: Outcome, fault: RegistryFault, at: number): void {
  if (!error) return;
  const what = `${fault} at ${at}: ${error.code} ${error.message}`;
  expect(PASSING, what).not.toContain(fault);
  expect(
    ['DIGEST_MISMATCH', 'REGISTRY_INVALID', 'REGISTRY_REFUSED', 'REGISTRY_UNAUTHORIZED', 'IMAGE_INVALID'],
    what,
  ).toContain(error.code);
  expect(error.hint, what).toBeTruthy();
  expect(`${error.message} ${error.hint ?? ''}`).not.toContain(USER.password);
}

interface Scene {
  readonly registry: TestRegistry;
  readonly context: LocationContext;
  readonly folder: string;
  readonly at: (name: string) => string;
}

interface Operation {
  readonly title: string;
  /** Puts there what is there before. */
  readonly prepare: (scene: Scene) => Promise<void>;
  readonly run: (scene: Scene) => Promise<unknown>;
  /** Checks what is there after a failure, and after a success. */
  readonly after: (scene: Scene, isDone: boolean, fault?: RegistryFault) => Promise<void>;
}

const write = async (scene: Scene, name: string, artifact: typeof index | typeof before): Promise<void> => {
  await openSink(parseLocation(scene.at(name)), scene.context).write([{ names: [], artifact }]);
};
/** The tag is where it was, or where it is to be; a registry that names a wrong digest at the very end may have moved it. */
const expectTag = (
  { registry }: Scene,
  name: string,
  isDone: boolean,
  { old, fault }: { old?: string; fault: RegistryFault | undefined },
): Promise<void> => {
  const [repository = '', tag = ''] = name.split(':');
  const digest = registry.protocol.repositories.get(repository)?.tags.get(tag);
  const allowed = [
    ...(isDone || fault === 'wrong digest' ? [index.descriptor.digest] : []),
    ...(isDone ? [] : [old]),
  ];
  expect(allowed).toContain(digest);
  return Promise.resolve();
};

const OPERATIONS: readonly Operation[] = [
  {
    title: 'a push',
    prepare: (scene) => write(scene, 'app:1', before),
    run: (scene) => write(scene, 'app:1', index),
    after: (scene, isDone, fault) =>
      expectTag(scene, 'app:1', isDone, { old: before.descriptor.digest, fault }),
  },
  {
    title: 'a push in chunks',
    prepare: () => Promise.resolve(),
    run: (scene) =>
      openSink(parseLocation(scene.at('app:1')), {
        ...scene.context,
        registry: { ...scene.context.registry, chunkSize: 40_000 },
      }).write([{ names: [], artifact: index }]),
    after: (scene, isDone, fault) => expectTag(scene, 'app:1', isDone, { fault }),
  },
  {
    title: 'a pull',
    prepare: (scene) => write(scene, 'app:1', index),
    run: async ({ context, folder, at }) =>
      copyArtifact(
        openSource(parseLocation(at('app:1')), context),
        openSink(parseLocation(`oci:${folder}/out:x`), context),
      ),
    after: async ({ folder }, isDone) => {
      const files = await filesBelow(folder);
      if (!isDone) expect(files).toEqual([]);
      else await validateArtifact(await openSource(parseLocation(`oci:${join(folder, 'out')}`)).open('x'));
    },
  },
  {
    title: 'a copy within a registry',
    prepare: (scene) => write(scene, 'app:1', index),
    run: ({ context, at }) =>
      copyArtifact(
        openSource(parseLocation(at('app:1')), context),
        openSink(parseLocation(at('copy:2')), context),
      ),
    after: (scene, isDone, fault) => expectTag(scene, 'copy:2', isDone, { fault }),
  },
];

describe.each(OPERATIONS)('$title', (operation) => {
  const inScene = <Result>(work: (scene: Scene) => Promise<Result>): Promise<Result> =>
    inTemporaryFolder(async (folder) => {
      const registry = await startRegistry({ auth: {} });
      const credentials = { find: () => Promise.resolve(USER), searched: () => ['the test'] };
      const newContext = (): LocationContext => contextWith({ credentials, parallel: 2 });
      const scene = { registry, folder, at: (name: string) => `docker://${registry.host}/${name}` };
      try {
        await operation.prepare({ ...scene, context: newContext() });
        return await work({ ...scene, context: newContext() });
      } finally {
        await registry.close();
      }
    });

  it.each(FAULTS)('with the fault "%s" at any of its requests', async (fault) => {
    const count = await inScene(async (scene) => {
      const before = scene.registry.requests.length;
      await operation.run(scene);
      await operation.after(scene, true);
      return scene.registry.requests.length - before;
    });
    expect(count).toBeGreaterThanOrEqual(8);
    await mapConcurrent([...Array(count).keys()], SCENES_AT_ONCE, (at) =>
      inScene(async (scene) => {
        scene.registry.breakAt(at, fault);
        const outcome = await outcomeOf(() => operation.run(scene));
        expectClear(outcome, fault, at);
        expectWhole(scene.registry);
        await operation.after(scene, !outcome.error, fault);
      }),
    );
  });
});
