import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapConcurrent, throwIfInterrupted } from '../../core/index.ts';
import {
  blobOfBytes,
  REF_NAME_ANNOTATION,
  type Blob,
  type Descriptor,
  type IndexManifest,
} from '../../oci/index.ts';
import { blobPath, blobsOf } from '../blobs.ts';
import type { ImageSink, LocationContext } from '../contract.ts';
import { makeFolders, orAbsent, outputError, removeFolders, syncFolder, writeDurably } from '../files.ts';
import { encodeLayoutIndex, LAYOUT_FILE, mergeIndex, describeNamed, nameOf } from '../layout-index.ts';
import type { FileLocation } from '../location.ts';
import { applyReference } from '../names.ts';
import { reportOf } from '../report.ts';
import { writeBlob } from './blob.ts';
import { lookAtFolder, LOCK_NAME, OWN_PREFIX, TEMPORARY_NAME, type FolderState } from './folder.ts';
import { takeLock, type Lock } from './lock.ts';

const BLOBS_AT_ONCE = 4;

/**
 * Writes an OCI layout (image-spec 1.1, image-layout.md), or adds to one. Blobs come first and `index.json` last, each
 * complete under its final name, so that whenever the process dies the layout is the old one or the new one.
 */
export function openLayoutSink(location: FileLocation, context: LocationContext): ImageSink {
  return {
    async check() {
      try {
        await lookAtFolder(location.path);
      } catch (error) {
        throw outputError(error, location.path);
      }
    },
    async write(artifacts) {
      const named = applyReference(artifacts, location.reference);
      const wanted = describeNamed(named, (name) => ({ [REF_NAME_ANNOTATION]: name }));
      const blobs = blobsOf(named);
      try {
        const missing = await writeMissing(location.path, context, wanted, blobs);
        return reportOf(location, named, blobs, missing);
      } catch (error) {
        throw outputError(error, location.path);
      }
    },
  };
}

/** @returns the blobs that were written */
async function writeMissing(
  path: string,
  context: LocationContext,
  wanted: readonly Descriptor[],
  blobs: readonly Blob[],
): Promise<readonly Blob[]> {
  const before = await lookAtFolder(path);
  if (await isCurrent(path, before, wanted, blobs)) return [];
  const firstMade = await makeFolders(path);
  try {
    const lock = await takeLock(join(path, LOCK_NAME), context);
    try {
      return await writeLocked(path, lock, wanted, blobs, context.signal);
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (firstMade !== undefined) await removeFolders(path, firstMade);
    throw error;
  }
}

/** Whether nothing is left to write or to tidy up. */
async function isCurrent(
  path: string,
  state: FolderState,
  wanted: readonly Descriptor[],
  blobs: readonly Blob[],
): Promise<boolean> {
  if (state.kind !== 'layout' || !state.index || !holds(state.index, wanted)) return false;
  if ((await ownNames(path)).length > 0) return false;
  return (await findMissing(path, blobs)).length === 0;
}

/** What pith makes for the time of a write: all but the lock is left over if this process has the lock. */
async function ownNames(path: string): Promise<string[]> {
  return (await readdir(path)).filter((name) => name.startsWith(OWN_PREFIX));
}

function holds(index: IndexManifest, wanted: readonly Descriptor[]): boolean {
  const key = (descriptor: Descriptor): string => `${descriptor.digest} ${nameOf(descriptor) ?? ''}`;
  const there = new Set(index.manifests.map(key));
  return wanted.every((descriptor) => there.has(key(descriptor)));
}

async function findMissing(path: string, blobs: readonly Blob[]): Promise<Blob[]> {
  const infos = await Promise.all(blobs.map((blob) => orAbsent(stat(join(path, blobPath(blob.digest))))));
  return blobs.filter((blob, i) => infos[i]?.size !== blob.size);
}

async function writeLocked(
  path: string,
  lock: Lock,
  wanted: readonly Descriptor[],
  blobs: readonly Blob[],
  signal: AbortSignal | undefined,
): Promise<readonly Blob[]> {
  const state = await lookAtFolder(path);
  const temporary = join(path, TEMPORARY_NAME);
  for (const name of await ownNames(path))
    if (name !== LOCK_NAME) await rm(join(path, name), { recursive: true, force: true });
  const missing = await findMissing(path, blobs);
  /** Blobs to remove if this fails: until `index.json` is new, nothing names them. */
  const made: string[] = [];
  let isNew = false;
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    await writeDurably(join(temporary, name), join(path, name), blobOfBytes(bytes).open());
  };
  try {
    await mkdir(temporary);
    if (state.kind !== 'layout') {
      isNew = true;
      await put('oci-layout', Buffer.from(LAYOUT_FILE));
    }
    await makeFolders(join(path, 'blobs/sha256'));
    await mapConcurrent(missing, BLOBS_AT_ONCE, async (blob, i) => {
      throwIfInterrupted(signal);
      const target = join(path, blobPath(blob.digest));
      await writeBlob(blob, join(temporary, String(i)), target);
      made.push(target);
    });
    await syncFolder(join(path, 'blobs/sha256'));
    throwIfInterrupted(signal);
    await lock.check();
    await put(
      'index.json',
      encodeLayoutIndex(mergeIndex(state.kind === 'layout' ? state.index : undefined, wanted)),
    );
    made.length = 0;
    isNew = false;
    await syncFolder(path);
    return missing;
  } catch (error) {
    for (const blob of made) await rm(blob, { force: true });
    await removeFolders(join(path, 'blobs/sha256'), join(path, 'blobs'));
    if (isNew) await rm(join(path, 'oci-layout'), { force: true });
    throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
