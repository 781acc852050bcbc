import { randomUUID } from 'node:crypto';
import { readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { interruptible, PithError } from '../../core/index.ts';
import type { ImageSink, LocationContext, NamedArtifact, WriteOptions, Writer } from '../contract.ts';
import { makeFolders, orAbsent, outputError, removeFolders, syncFolder, writeDurably } from '../files.ts';
import type { FileLocation } from '../location.ts';
import { applyReference, nameForDocker } from '../names.ts';
import { requireDockerReference } from '../reference.ts';
import { reportOf } from '../report.ts';
import { composeDocker, composeLayout, encodeArchive, type ArchiveContent } from './compose.ts';
import { firstMember } from './tar-tree.ts';

/** First members of the archives that pith, skopeo and Docker write around an OCI layout, or that `docker save` may begin with. */
const OWN_FIRST_MEMBERS = /^(?:\.\/)?(?:oci-layout|index\.json|manifest\.json|blobs(?:\/.*)?)$/;

/** Writes `oci-archive` and `docker-archive` files: streamed under a temporary name, then renamed. */
export function openArchiveSink(location: FileLocation, context: LocationContext): ImageSink {
  return {
    async check() {
      try {
        await findTarget(location.path);
      } catch (error) {
        throw outputError(error, location.path);
      }
    },
    async write(artifacts, options = {}) {
      const { named, content } = plan(location, artifacts, options);
      try {
        await replaceArchive(location.path, context, content);
      } catch (error) {
        throw outputError(error, location.path);
      }
      return reportOf(location, named, content.blobs, content.blobs);
    },
  };
}

interface Plan {
  readonly named: readonly NamedArtifact[];
  readonly content: ArchiveContent;
}

function plan(
  { kind, reference }: FileLocation,
  artifacts: readonly NamedArtifact[],
  options: WriteOptions,
): Plan {
  if (kind === 'oci-archive') {
    const named = applyReference(artifacts, reference);
    return { named, content: composeLayout(named) };
  }
  const name = reference === undefined ? undefined : requireDockerReference(reference).familiar;
  const images = nameForDocker(applyReference(artifacts, name), options.defaultPlatform);
  return {
    named: images.map(({ image, names }) => ({ names, artifact: image })),
    content: composeDocker(images),
  };
}

async function replaceArchive(
  path: string,
  { writer, signal }: LocationContext,
  content: ArchiveContent,
): Promise<void> {
  const target = await findTarget(path);
  const folder = dirname(target);
  const firstMade = await makeFolders(folder);
  try {
    await removeLeftovers(folder, writer);
    const temporary = join(folder, `${temporaryPrefix(writer)}${writer.pid}-${randomUUID().slice(0, 8)}`);
    await writeDurably(temporary, target, interruptible(encodeArchive(content), signal));
    await syncFolder(folder);
  } catch (error) {
    if (firstMade !== undefined) await removeFolders(folder, firstMade);
    throw error;
  }
}

/** The file to write where links lead to one. @throws OUTPUT_EXISTS if it is no image archive */
async function findTarget(path: string): Promise<string> {
  const target = (await orAbsent(realpath(path))) ?? path;
  await checkReplaceable(target);
  return target;
}

async function checkReplaceable(path: string): Promise<void> {
  const info = await orAbsent(stat(path));
  if (!info) return;
  const isOwn = info.isFile() && OWN_FIRST_MEMBERS.test((await firstMember(path)) ?? '');
  if (isOwn) return;
  throw new PithError('OUTPUT_EXISTS', `${path} exists and is not an image archive`, {
    path,
    hint: 'Nothing was changed. Choose another path, or remove what is there.',
  });
}

/** Removes the temporary files of writers of this host that are dead. */
async function removeLeftovers(folder: string, writer: Writer): Promise<void> {
  const prefix = temporaryPrefix(writer);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d{1,10})-[0-9a-f]{8}$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !writer.isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function temporaryPrefix({ host }: Writer): string {
  return `.pith-${host.replace(/[^A-Za-z0-9.-]/g, '_').slice(0, 64)}-`;
}
