import { Once, PithError, toPithError } from '../../core/index.ts';
import type { AnyArtifact, Image } from '../../oci/index.ts';
import { openDockerSource } from '../archive/docker-source.ts';
import { blobPath } from '../blobs.ts';
import { choose } from '../choose.ts';
import type { ImageSource, OpenOptions } from '../contract.ts';
import type { FileTree } from '../file-tree.ts';
import { openLayoutSource } from '../layout/source.ts';
import { formatLocation, type EngineLocation } from '../location.ts';
import { blobsIn, readAny, requireImage, requirePlatforms } from '../read-artifact.ts';
import { parseDockerReference } from '../reference.ts';
import type { ReadContext } from '../registry/settings.ts';
import { ask, failure, readOutput, requireProgram, type Command } from './command.ts';
import { ContentStore } from './content.ts';
import { heldPart, type Found } from './held-part.ts';
import { ENGINES, findLoader, loaderCommand, type CommandOf } from './loaders.ts';
import { NamelessFile } from '../nameless-file.ts';
import { withPlainLayers } from './plain-layers.ts';
import { READERS, type Holding, type Reader } from './readers.ts';

/** How podman, docker and nerdctl say that there is no such image. */
const ABSENT = /no such image|image not known/i;
const UNKNOWN_OPTION = 'unknown flag';

/** One image, as it was when it was first asked for. */
type Opened = Pick<ImageSource, 'resolve' | 'openAny'>;

/**
 * Reads an image of an engine by way of the engine's own commands, once: what these save goes to a temporary file that is
 * gone with this process at the latest.
 * @throws UNKNOWN_IMAGE, UNKNOWN_PLATFORM, IMAGE_INVALID, ENGINE_MISSING, ENGINE_FAILED, DISK_FULL, OUTPUT_FAILED,
 * INTERRUPTED, all of them when it is asked for
 */
export function openEngineSource(location: EngineLocation, context: ReadContext): ImageSource {
  const once = new Once<Opened>();
  const name = formatLocation(location);
  const listed = [{ names: [location.reference] }];
  const openOne = (reference: string | undefined): Promise<Opened> => {
    choose(listed, reference, name);
    return once.do('', () => openImage(location, context));
  };
  const openAny = async (reference?: string, options?: OpenOptions): Promise<AnyArtifact> =>
    (await openOne(reference)).openAny(undefined, options);
  return {
    async list() {
      const { digest } = await (await openOne(undefined)).resolve();
      return [{ names: [location.reference], digest }];
    },
    async resolve(reference) {
      return (await openOne(reference)).resolve();
    },
    open: async (reference, options) => requireImage(await openAny(reference, options)),
    openAny,
    async referrers() {
      await openOne(undefined);
      return [];
    },
  };
}

async function openImage(location: EngineLocation, context: ReadContext): Promise<Opened> {
  const { environment, signal, temporaryPath } = context;
  const engine = ENGINES[location.kind];
  const loader = await findLoader(engine, environment);
  const silent = { ...loader, needsPipe: false };
  const commandOf: CommandOf = (args) => loaderCommand(engine, silent, args, environment);
  await requireProgram(commandOf([]));
  const holding = await findHolding(location, READERS[loader.program], commandOf);
  const name = formatLocation(location);
  if (holding.kind === 'blobs') {
    const store = new ContentStore(name, commandOf, signal);
    const descriptor = await store.describe(holding.mediaType, holding.digest);
    return openFound(await heldPart(descriptor, await store.blobs()));
  }
  const commands = holding.forms.map(commandOf);
  const file = await NamelessFile.create(save(commands, signal), temporaryPath?.());
  return await openArchive(await file.tree(name));
}

/** What the first command writes that the engine's release knows; one that it does not know writes nothing. */
async function* save(
  [command, ...older]: readonly Command[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (!command) return;
  try {
    yield* readOutput(command, signal);
  } catch (error) {
    if (older.length === 0 || !toPithError(error).message.includes(UNKNOWN_OPTION)) throw error;
    yield* save(older, signal);
  }
}

/** Asks for the image by the name that it would be written under, then by what the location says: podman has short names, engines have IDs. */
async function findHolding(location: EngineLocation, reader: Reader, commandOf: CommandOf): Promise<Holding> {
  const { reference } = location;
  const parsed = parseDockerReference(reference);
  const names = new Set([...(parsed ? [ENGINES[location.kind].nameOf(parsed)] : []), reference]);
  for (const name of names) {
    const question = commandOf(reader.question(name));
    const { status, stdout, stderr } = await ask(question);
    const holding = status === 0 ? reader.holding(name, stdout) : undefined;
    if (holding) return holding;
    if (status !== 0 && !ABSENT.test(stderr)) throw failure(question, `failed (${status})`, stderr);
  }
  throw new PithError('UNKNOWN_IMAGE', `${formatLocation(location)} does not exist`, {
    hint: `\`${reader.list}\` lists the images that are there.`,
  });
}

/** With an OCI layout in it, manifests are kept; without one the image has none, and gets one. */
async function openArchive(tree: FileTree): Promise<Opened> {
  const getTree = (): Promise<FileTree> => Promise.resolve(tree);
  if ((await tree.sizeOf('index.json')) === undefined) return openDockerSource(getTree, undefined);
  const descriptor = await openLayoutSource(getTree, undefined).resolve();
  const found = await heldPart(descriptor, {
    name: tree.name,
    find: blobsIn(tree),
    has: async (digest) => (await tree.sizeOf(blobPath(digest))) !== undefined,
  });
  const artifact = await readAny(found.descriptor, found.find);
  return artifact.kind === 'image' ? openRead(withPlainLayers(artifact)) : openFound(found);
}

function openFound({ descriptor, find }: Found): Opened {
  return {
    resolve: () => Promise.resolve(descriptor),
    openAny: (_reference, options) => readAny(descriptor, find, options),
  };
}

function openRead(image: Image): Opened {
  return {
    resolve: () => Promise.resolve(image.descriptor),
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    openAny: async (_reference, { platforms = [] } = {}) => requirePlatforms(image, platforms),
  };
}
