import { createReadStream } from 'node:fs';
import {
  decompress,
  END_OF_ARCHIVE,
  type LayerCompression,
  readTar,
  type TarEntry,
} from '../archive/index.ts';
import { canonicalJson, type Digest, Digester, digestOf, hexOf, PithError } from '../core/index.ts';
import { type Blob, type Layer, layerTypeOf } from '../oci/index.ts';
import type { Store } from '../store/index.ts';
import { joinSegments } from './join-segments.ts';
import type { Segment } from './segments.ts';

const RECORD = 'layer';
/** Bytes of an archive's end. */
const END_SIZE = END_OF_ARCHIVE.length;
/** Part of the key of every layer of several segments: changes when they are joined in another way. */
const JOIN_VERSION = 1;

/** A layer as the store can bring it back: pieces of blobs, one after the other. */
export interface LayerRecord {
  readonly diffId: Digest;
  readonly digest: Digest;
  readonly size: number;
  /** Uncompressed bytes. */
  readonly unpacked: number;
  /** The first `length` bytes of each blob. */
  readonly parts: readonly { readonly blob: Digest; readonly length: number }[];
  /** For the image's history. */
  readonly createdBy: string;
}

/** A segment and what to call it in the image's history. */
export interface NamedSegment {
  readonly segment: Segment;
  /** Name of the level that it belongs to. */
  readonly level: string;
  readonly createdBy: string;
}

/**
 * Divides segments into at most `limit` groups of neighbours, so that the order in which they are applied stays. Those of
 * the upper levels are joined first, small ones before large ones: the layers of the levels below stay shared with other
 * images.
 */
export function groupSegments(segments: readonly NamedSegment[], limit: number): NamedSegment[][] {
  const groups = segments.map((segment) => [segment]);
  const levels = [...new Set(segments.map(({ level }) => level))];
  while (groups.length > Math.max(1, limit)) {
    const at = pairToJoin(groups, levels);
    groups.splice(at, 2, [...(groups[at] ?? []), ...(groups[at + 1] ?? [])]);
  }
  return groups;
}

/** The index of the smallest two neighbours of the uppermost level that still has two; of all, where none has. */
function pairToJoin(groups: readonly NamedSegment[][], levels: readonly string[]): number {
  const sizeOf = (index: number): number =>
    (groups[index] ?? []).reduce((sum, { segment }) => sum + segment.blobSize, 0);
  const levelOf = (index: number): number => levels.indexOf(groups[index]?.[0]?.level ?? '');
  const pairs = groups.slice(1).map((_group, index) => index);
  const within = pairs.filter((index) => levelOf(index) === levelOf(index + 1));
  const highest = Math.max(...within.map(levelOf));
  const open = within.length > 0 ? within.filter((index) => levelOf(index) === highest) : pairs;
  return open.reduce((best, index) =>
    sizeOf(index) + sizeOf(index + 1) < sizeOf(best) + sizeOf(best + 1) ? index : best,
  );
}

/**
 * The layer of a group of segments. For one everything is known. Several become one archive in which each path is once:
 * most have folders in common, so that it is compressed anew, once; where all paths differ, their compressed forms are
 * put one after the other, with the end of archive of the last.
 */
export async function makeLayer(
  group: readonly NamedSegment[],
  store: Store,
  compression: LayerCompression,
): Promise<LayerRecord> {
  const createdBy = group.map((named) => named.createdBy).join(', ');
  const parts = group.map(({ segment }, index) => ({
    blob: segment.blob,
    length: index === group.length - 1 ? segment.blobSize : segment.blobSize - segment.endSize,
  }));
  const [only] = group;
  if (group.length === 1 && only) {
    const { diffId, blob, blobSize, size } = only.segment;
    return { diffId, digest: blob, size: blobSize, unpacked: size + END_SIZE, parts, createdBy };
  }
  const key = hexOf(digestOf(canonicalJson([JOIN_VERSION, compression, parts])));
  const known = store.readRecord(RECORD, key) as Omit<LayerRecord, 'createdBy'> | undefined;
  if (known && isLayerStored(known, store)) return { ...known, createdBy };
  const made = await joinParts(parts, store, compression);
  await store.writeRecord(RECORD, key, made);
  return { ...made, createdBy };
}

async function joinParts(
  parts: LayerRecord['parts'],
  store: Store,
  compression: LayerCompression,
): Promise<Omit<LayerRecord, 'createdBy'>> {
  const [compressed, uncompressed] = [new Digester(), new Digester()];
  const read = (): AsyncIterable<Uint8Array> =>
    decompress(compression, observe(readParts(parts, store), compressed), 'a layer of the cache');
  try {
    const entries: TarEntry[] = [];
    for await (const { entry } of readTar(observe(read(), uncompressed), 'a layer of the cache'))
      entries.push(entry);
    if (new Set(entries.map(({ path }) => path)).size < entries.length) {
      const made = await joinSegments(entries, read, store, compression);
      return { ...made, parts: [{ blob: made.digest, length: made.size }] };
    }
  } catch (error) {
    await verifyParts(parts, store);
    throw error;
  }
  const { size } = compressed;
  return {
    diffId: uncompressed.digest(),
    digest: compressed.digest(),
    size,
    unpacked: uncompressed.size,
    parts,
  };
}

async function* observe(pieces: AsyncIterable<Uint8Array>, digester: Digester): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    digester.update(piece);
    yield piece;
  }
}

/** @throws CACHE_CORRUPT for the first part that is damaged */
async function verifyParts(parts: LayerRecord['parts'], store: Store): Promise<void> {
  const pieces = readParts(parts, store);
  while (!(await pieces.next()).done);
}

/** The parts of a layer, each verified once it has been read. @throws CACHE_CORRUPT */
async function* readParts(parts: LayerRecord['parts'], store: Store): AsyncGenerator<Uint8Array> {
  for (const { blob, length } of parts) {
    const path = store.pathOf(blob);
    const digester = new Digester();
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      if (digester.size < length) yield piece.subarray(0, length - digester.size);
      digester.update(piece);
    }
    if (digester.digest() !== blob) {
      throw new PithError('CACHE_CORRUPT', `the cached blob ${blob} was damaged`, {
        path,
        hint: 'Run `pith cache verify` to remove what is damaged, then run the command again.',
      });
    }
  }
}

/** The layer with its bytes, for an image. */
export function openLayer(record: LayerRecord, store: Store, compression: LayerCompression): Layer {
  const { digest, size, parts } = record;
  const [only] = parts;
  const blob: Blob = {
    digest,
    size,
    ...(parts.length === 1 && only ? { path: store.pathOf(only.blob) } : {}),
    open: () => readParts(parts, store),
  };
  return { descriptor: { mediaType: layerTypeOf(compression), digest, size }, diffId: record.diffId, blob };
}

/** Whether everything that the layer is made of is in the store. */
export function isLayerStored(record: Pick<LayerRecord, 'parts'>, store: Store): boolean {
  return record.parts.every(({ blob, length }) => (store.sizeOf(blob) ?? -1) >= length);
}
