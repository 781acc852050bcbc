import { open } from 'node:fs/promises';
import { decompress, limitExpansion, type Compression } from '../../archive/index.ts';
import { nearest, PithError } from '../../core/index.ts';
import type { SuiteSpec } from './mirrors.ts';
import { buildIndex } from './package-index.ts';
import type { ReleaseFile } from './release.ts';
import type { SuiteState } from './suites.ts';

const READ_SIZE = 256 * 1024;

/** An index that a verified release lists. */
export interface IndexFile {
  spec: SuiteSpec;
  state: SuiteState;
  component: string;
  architecture: string;
  /** What it is, for messages: `the index of trixie for amd64`. */
  what: string;
  /** Relative to the release. */
  path: string;
  file: ReleaseFile;
}

/**
 * The indexes that hold a suite's packages for an architecture, each in its smallest form that can be read; none if the
 * suite does not have the architecture.
 */
export function indexFilesOf(spec: SuiteSpec, state: SuiteState, architecture: string): IndexFile[] {
  const what = `the index of ${spec.suite} for ${architecture}`;
  return spec.components.flatMap((component) => {
    const main = smallestFile(state, `${component}/binary-${architecture}/Packages`);
    if (!main) return [];
    const extra = state.separateAll ? smallestFile(state, `${component}/binary-all/Packages`) : undefined;
    return [main, ...(extra ? [extra] : [])].map((found) => ({
      ...found,
      spec,
      state,
      component,
      architecture,
      what,
    }));
  });
}

/** @throws PithError DEFINITION_INVALID for a component that the suite does not have */
export function checkComponents({ suite, components }: SuiteSpec, state: SuiteState): void {
  const known = new Set(Object.keys(state.files).flatMap((path) => /^(.*)\/binary-/.exec(path)?.[1] ?? []));
  const wrong = components.find((component) => !known.has(component));
  if (wrong === undefined || known.size === 0) return;
  const near = nearest(wrong, known);
  throw new PithError('DEFINITION_INVALID', `the suite ${suite} has no component ${JSON.stringify(wrong)}`, {
    hint: `${near ? `Did you mean ${near}? ` : ''}Its components are ${[...known].join(', ')}.`,
  });
}

/**
 * The index of the files in a component's packages of an architecture, in its smallest form that can be read. Packages for
 * all architectures have one of their own (`Contents-all`), and no libraries.
 *
 * @returns undefined if the release lists none
 */
export function contentsFileOf(
  spec: SuiteSpec,
  state: SuiteState,
  component: string,
  architecture: string,
): IndexFile | undefined {
  const found = smallestFile(state, `${component}/Contents-${architecture}`);
  const what = `the index of contents of ${spec.suite} (${component}) for ${architecture}`;
  return found && { ...found, spec, state, component, architecture, what };
}

function smallestFile(state: SuiteState, name: string): { path: string; file: ReleaseFile } | undefined {
  for (const ending of ['.xz', '.gz', '']) {
    const path = `${name}${ending}`;
    const file = Object.hasOwn(state.files, path) ? state.files[path] : undefined;
    if (file) return { path, file };
  }
  return undefined;
}

/**
 * Builds the index of a Packages file on disk whose digest has been verified.
 *
 * @throws PithError as `buildIndex`, and ARCHIVE_INVALID
 */
export function buildIndexOfFile(path: string): Promise<Uint8Array> {
  return readIndexFile(path, 'the package index', buildIndex);
}

/**
 * Reads an index on disk; its first bytes tell its compression.
 *
 * @param name what it is called in errors
 * @throws PithError ARCHIVE_INVALID, ARCHIVE_TOO_LARGE, and what `read` throws
 */
export async function readIndexFile<Result>(
  path: string,
  name: string,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0);
    const stream = file.createReadStream({ start: 0, highWaterMark: READ_SIZE, autoClose: false });
    const pieces = decompress(compressionOf(buffer.subarray(0, bytesRead)), stream, name);
    return await read(limitExpansion(pieces, (await file.stat()).size, name));
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
