import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import {
  compressAll,
  createCompressor,
  encodeHeader,
  END_OF_ARCHIVE,
  paddingOf,
  type TarEntry,
} from '../archive/index.ts';
import { digestOf, systemCode } from '../core/index.ts';
import {
  assembleImage,
  blobOfBytes,
  layerTypeOf,
  parseAnyPlatform,
  type Blob,
  type Image,
  type Layer,
} from '../oci/index.ts';
import type { LocationContext } from './contract.ts';

/** For tests: small images in memory, archives, temporary folders. */

export function fileEntry(path: string, size: number, more: Partial<TarEntry> = {}): TarEntry {
  return {
    path,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: 0,
    linkName: '',
    deviceMajor: 0,
    deviceMinor: 0,
    ...more,
  };
}

/** A tar archive of files, or of entries with their content. */
export function tarOf(files: readonly (readonly [string | TarEntry, string | Uint8Array])[]): Buffer {
  const parts = files.flatMap(([file, content]) => {
    const bytes = Buffer.from(content);
    const entry = typeof file === 'string' ? fileEntry(file, bytes.length) : file;
    return [encodeHeader(entry), bytes, new Uint8Array(paddingOf(bytes.length))];
  });
  return Buffer.concat([...parts, END_OF_ARCHIVE]);
}

export async function layerOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  compression: 'none' | 'gzip' | 'zstd' = 'gzip',
): Promise<Layer> {
  const tar = tarOf(Object.entries(files));
  const bytes =
    compression === 'none' ? tar : compression === 'gzip' ? gzipSync(tar) : compressAll(await zstd(), tar);
  return layerOfBlob(blobOfBytes(bytes), digestOf(tar), compression);
}

export function layerOfBlob(
  blob: Blob,
  diffId: Layer['diffId'],
  compression: 'none' | 'gzip' | 'zstd',
): Layer {
  return {
    descriptor: { mediaType: layerTypeOf(compression), digest: blob.digest, size: blob.size },
    diffId,
    blob,
  };
}

export function imageOf(
  layers: readonly Layer[],
  platform = 'linux/amd64',
  created = '2024-01-02T03:04:05Z',
): Image {
  return assembleImage({
    config: {
      ...parseAnyPlatform(platform),
      created,
      config: { User: '65532', Env: ['PATH=/usr/bin:/bin'], Entrypoint: ['/hello'], WorkingDir: '/' },
      history: layers.map((_layer, i) => ({ created, created_by: `layer ${i}` })),
    },
    layers,
  });
}

/** An image of two layers whose content is told by `text`. */
export async function smallImage(text: string, platform = 'linux/amd64'): Promise<Image> {
  return imageOf(
    [await layerOf({ 'etc/issue': text }), await layerOf({ hello: `#!${platform}`, big: randomOnce })],
    platform,
  );
}
const randomOnce = randomBytes(100_000);

export const context: LocationContext = {
  environment: process.env,
  writer: { pid: process.pid, host: hostname(), isAlive: isProcessAlive },
};

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Runs with a new temporary folder that is removed afterwards. */
export async function inTemporaryFolder<Result>(work: (path: string) => Promise<Result>): Promise<Result> {
  const path = await mkdtemp(join(tmpdir(), 'pith-location-'));
  try {
    return await work(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** Whether file systems can be mounted, which takes the right to do so. */
export function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs with a file system at a new folder that has room for 160 KiB. */
export async function onSmallDisk(path: string, work: () => Promise<void>): Promise<void> {
  await mkdir(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160k', 'tmpfs', path]);
  try {
    await work();
  } finally {
    execFileSync('umount', [path]);
  }
}

/** All files below a folder, sorted. */
export async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

let compressor: ReturnType<typeof createCompressor> | undefined;
function zstd(): ReturnType<typeof createCompressor> {
  return (compressor ??= createCompressor('zstd'));
}
