import { isDigest } from '../core/index.ts';
import { decodePaths, encodePaths } from './encode-paths.ts';
import { Entries } from './entries.ts';
import type { Fact } from './facts.ts';
import type { LayerContents } from './model.ts';

/** Changes with the form of what is remembered. */
export const LAYER_FORMAT = 2;

interface Head {
  readonly unpackedSize: number;
  readonly diffId: string;
  readonly count: number;
  /** Bytes of all paths. */
  readonly pathBytes: number;
  readonly oddPaths: readonly (readonly [number, string])[];
  readonly linkNames: readonly (readonly [number, string])[];
  /** Base64 by name. */
  readonly xattrs: readonly (readonly [number, Readonly<Record<string, string>>])[];
  readonly facts: readonly (readonly [number, readonly Fact[]])[];
  readonly outside?: readonly number[];
}

/**
 * What a layer holds as bytes for a cache of this machine: the length of the head (8 bytes), the head as JSON, then the columns one
 * after the other, each beginning at a multiple of 8. Nothing is in memory twice, since a layer may have 500,000 entries.
 */
export function encodeLayer({ unpackedSize, diffId, entries, facts, outside }: LayerContents): Buffer {
  const { columns } = entries;
  const paths = encodePaths(columns.paths);
  const head: Head = {
    unpackedSize,
    diffId,
    count: entries.length,
    pathBytes: paths.bytes.length,
    oddPaths: paths.odd,
    linkNames: [...columns.linkNames],
    xattrs: [...columns.xattrs].map(([at, attributes]) => [
      at,
      Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
      ),
    ]),
    facts: [...facts],
    ...(outside ? { outside } : {}),
  };
  const text = Buffer.from(JSON.stringify(head));
  const { uids, gids, sizes, mtimes, modes, types, digests, md5s } = columns;
  const pieces = [
    text,
    uids,
    gids,
    sizes,
    mtimes,
    modes,
    paths.shared,
    paths.lengths,
    types,
    digests,
    md5s,
    paths.bytes,
  ];
  const bytes = Buffer.alloc(pieces.reduce((sum, { byteLength }) => sum + padded(byteLength), 8));
  bytes.writeDoubleLE(text.length);
  let at = 8;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += padded(byteLength);
  }
  return bytes;
}

/**
 * The reverse of {@link encodeLayer}; undefined for bytes that are not its result.
 * @param bytes are part of what is returned
 */
export function decodeLayer(bytes: Buffer): LayerContents | undefined {
  if (bytes.byteOffset % 8 !== 0) return decodeLayer(copyOf(bytes));
  if (bytes.length < 8) return undefined;
  const length = bytes.readDoubleLE(0);
  if (!Number.isSafeInteger(length) || length < 2 || 8 + length > bytes.length) return undefined;
  const head = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Head;
  const { count, pathBytes } = head;
  if (!isDigest(head.diffId) || !isCount(count) || !isCount(pathBytes)) return undefined;
  const sizesOfColumns = [...[8, 8, 8, 8, 2, 2, 2, 1, 32, 16].map((size) => size * count), pathBytes];
  const starts: number[] = [];
  let end = 8 + padded(length);
  for (const size of sizesOfColumns) {
    starts.push(bytes.byteOffset + end);
    end += padded(size);
  }
  if (end !== bytes.length) return undefined;
  const { buffer } = bytes;
  const start = (column: number): number => starts[column] ?? 0;
  const paths = decodePaths({
    shared: new Uint16Array(buffer, start(5), count),
    lengths: new Uint16Array(buffer, start(6), count),
    bytes: new Uint8Array(buffer, start(10), pathBytes),
    odd: head.oddPaths,
  });
  if (!paths) return undefined;
  const xattrs = head.xattrs.map(([entry, attributes]) => {
    const values = Object.entries(attributes).map(
      ([name, value]) => [name, Buffer.from(value, 'base64')] as const,
    );
    return [entry, Object.fromEntries(values)] as const;
  });
  return {
    unpackedSize: head.unpackedSize,
    diffId: head.diffId,
    entries: new Entries({
      paths,
      uids: new Float64Array(buffer, start(0), count),
      gids: new Float64Array(buffer, start(1), count),
      sizes: new Float64Array(buffer, start(2), count),
      mtimes: new Float64Array(buffer, start(3), count),
      modes: new Uint16Array(buffer, start(4), count),
      types: new Uint8Array(buffer, start(7), count),
      digests: new Uint8Array(buffer, start(8), count * 32),
      md5s: new Uint8Array(buffer, start(9), count * 16),
      linkNames: new Map(head.linkNames),
      xattrs: new Map(xattrs),
    }),
    facts: new Map(head.facts),
    ...(head.outside ? { outside: head.outside } : {}),
  };
}

/** A size with what is added so that the next column begins at a multiple of 8. */
function padded(size: number): number {
  return Math.ceil(size / 8) * 8;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The same bytes where numbers of 8 bytes may begin. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  bytes.copy(copy);
  return copy;
}
