import { open } from 'node:fs/promises';
import { decompress, limitExpansion, type Compression } from '../../archive/index.ts';
import type { SuiteSpec } from './mirrors.ts';
import { buildIndex } from './package-index.ts';
import type { ReleaseFile } from './release.ts';
import type { SuiteState } from './suites.ts';

const READ_SIZE = 256 * 1024;

/** A package index that a verified release lists. */
export interface IndexFile {
  spec: SuiteSpec;
  state: SuiteState;
  component: string;
  architecture: string;
  /** Relative to the release. */
  path: string;
  file: ReleaseFile;
}

/**
 * The indexes that hold a suite's packages for an architecture, each in its smallest form that can be read; none if the
 * suite does not have the architecture.
 */
export function indexFilesOf(spec: SuiteSpec, state: SuiteState, architecture: string): IndexFile[] {
  return spec.components.flatMap((component) => {
    const main = smallestFile(state, component, architecture);
    if (!main) return [];
    const extra = state.separateAll ? smallestFile(state, component, 'all') : undefined;
    return [main, ...(extra ? [extra] : [])].map((found) => ({
      ...found,
      spec,
      state,
      component,
      architecture,
    }));
  });
}

function smallestFile(
  state: SuiteState,
  component: string,
  architecture: string,
): { path: string; file: ReleaseFile } | undefined {
  for (const ending of ['.xz', '.gz', '']) {
    const path = `${component}/binary-${architecture}/Packages${ending}`;
    const file = Object.hasOwn(state.files, path) ? state.files[path] : undefined;
    if (file) return { path, file };
  }
  return undefined;
}

/**
 * Builds the index of a Packages file on disk whose digest has been verified; the first bytes tell its compression.
 *
 * @throws PithError as `buildIndex`, and ARCHIVE_INVALID
 */
export async function buildIndexOfFile(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0);
    const stream = file.createReadStream({ start: 0, highWaterMark: READ_SIZE, autoClose: false });
    const name = 'the package index';
    const pieces = decompress(compressionOf(buffer.subarray(0, bytesRead)), stream, name);
    return await buildIndex(limitExpansion(pieces, (await file.stat()).size, name));
  } finally {
    await file.close();
  }
}

/** Magic numbers: RFC 1952, 2.3.1, and the .xz file format, 2.1.1.1. */
function compressionOf(start: Uint8Array): Compression {
  const hex = Buffer.from(start).toString('hex');
  if (hex === 'fd377a585a00') return 'xz';
  return hex.startsWith('1f8b') ? 'gzip' : 'none';
}
