import { readdirSync } from 'node:fs';
import { constants, inflateSync } from 'node:zlib';
import type { Repository } from './repository.ts';
import { readSmall } from './small-file.ts';

/** A tag object is its fields and a message; what it stands for is said at the start. */
const HEAD_SIZE = 64 << 10;
const MAX_TAGS = 5;
const TAG = 4;
/** Fan-out table of the index of a pack, with magic number and version (gitformat-pack(5), "Version 2 pack-*.idx files"). */
const FANOUT = 8;
const NAMES = FANOUT + 256 * 4;
const MAX_BUCKET = 64 << 20;

/** What a tag object stands for in the end; undefined for anything else, and for one that is stored as a difference. */
export function peelTag(repository: Repository, object: string): string | undefined {
  let current: string | undefined = object;
  for (let tags = 0; tags < MAX_TAGS && current !== undefined; tags++) {
    const text: string | undefined = looseTag(repository, current) ?? packedTag(repository, current);
    const found: readonly string[] = /^object ([0-9a-f]{40,64})\ntype (commit|tag)\n/.exec(text ?? '') ?? [];
    const [, target, type] = found;
    if (type === 'commit') return target;
    current = target;
  }
  return undefined;
}

function looseTag({ common }: Repository, object: string): string | undefined {
  const packed = readSmall(`${common}/objects/${object.slice(0, 2)}/${object.slice(2)}`, HEAD_SIZE);
  return /^tag \d+\0([^]*)$/.exec((packed && inflateHead(packed)) ?? '')?.[1];
}

function packedTag({ common }: Repository, object: string): string | undefined {
  for (const index of indexesIn(`${common}/objects/pack`)) {
    const offset = offsetIn(index, object);
    if (offset === undefined) continue;
    const pack = `${index.slice(0, -'.idx'.length)}.pack`;
    const entry = readSmall(pack, HEAD_SIZE, { start: offset, length: HEAD_SIZE });
    if (!entry || (((entry[0] ?? 0) >> 4) & 7) !== TAG) return undefined;
    // The size goes on as long as the first bit is set.
    const start = entry.findIndex((byte) => byte < 0x80) + 1;
    return inflateHead(entry.subarray(start));
  }
  return undefined;
}

function indexesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.idx'))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** Where an object lies in the pack of an index. */
function offsetIn(path: string, object: string): number | undefined {
  const head = readSmall(path, NAMES, { start: 0, length: NAMES });
  if (head?.length !== NAMES || head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2)
    return undefined;
  const wanted = Buffer.from(object, 'hex');
  const width = wanted.length;
  const first = wanted[0] ?? 0;
  const from = first === 0 ? 0 : head.readUInt32BE(FANOUT + (first - 1) * 4);
  const to = head.readUInt32BE(FANOUT + first * 4);
  const total = head.readUInt32BE(FANOUT + 255 * 4);
  if (from >= to) return undefined;
  const range = { start: NAMES + from * width, length: (to - from) * width };
  const bucket = readSmall(path, MAX_BUCKET, range) ?? Buffer.alloc(0);
  let place = bucket.indexOf(wanted);
  while (place % width > 0) place = bucket.indexOf(wanted, place + 1);
  if (place < 0) return undefined;
  const offsets = NAMES + total * (width + 4);
  const own = readSmall(path, 4, { start: offsets + (from + place / width) * 4, length: 4 });
  if (own?.length !== 4) return undefined;
  const offset = own.readUInt32BE(0);
  if (offset < 0x80000000) return offset;
  const large = readSmall(path, 8, { start: offsets + total * 4 + (offset - 0x80000000) * 8, length: 8 });
  return large?.length === 8 ? Number(large.readBigUInt64BE(0)) : undefined;
}

/** The start of what is compressed; undefined if that is damaged. */
function inflateHead(packed: Uint8Array): string | undefined {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 20 };
    return inflateSync(packed, options).toString('latin1');
  } catch {
    return undefined;
  }
}
