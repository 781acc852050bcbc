import { redact } from './redact.ts';

/**
 * Every way in which pith can fail, with the exit code that the command line gives it.
 * The set is closed: a new kind of failure is a new line here and a line in docs/errors.md.
 *
 * 1 = a bug or an unforeseen fault; 2 = the command line; 3 = a definition or lockfile; 4 = trust;
 * 5 = the network; 6 = a package or archive; 7 = an output or the machine; 8 = a check said no; 130 = interrupted.
 */
const EXIT_CODES = {
  INTERNAL: 1,
  USAGE: 2,
  UNKNOWN_IMAGE: 2,
  UNKNOWN_VARIANT: 2,
  UNKNOWN_PLATFORM: 2,
  BAD_LOCATION: 2,
  DEFINITION_INVALID: 3,
  DEFINITION_CYCLE: 3,
  LOCKFILE_MISSING: 3,
  LOCKFILE_INVALID: 3,
  LOCKFILE_EDITED: 3,
  LOCKFILE_NEWER: 3,
  LOCKFILE_MISMATCH: 3,
  PACKAGE_UNKNOWN: 3,
  DEPENDENCY_UNSATISFIABLE: 3,
  FILE_CONFLICT: 3,
  KEYRING_INVALID: 4,
  SIGNATURE_INVALID: 4,
  SIGNATURE_UNKNOWN_KEY: 4,
  RELEASE_INVALID: 4,
  RELEASE_EXPIRED: 4,
  RELEASE_OLDER: 4,
  DIGEST_MISMATCH: 4,
  NETWORK_FAILED: 5,
  NETWORK_STATUS: 5,
  NETWORK_CONTENT: 5,
  SUITE_NOT_FOUND: 5,
  OFFLINE: 5,
  REGISTRY_UNAUTHORIZED: 5,
  REGISTRY_DENIED: 5,
  REGISTRY_REFUSED: 5,
  REGISTRY_INVALID: 5,
  ARCHIVE_INVALID: 6,
  ARCHIVE_UNSAFE: 6,
  ARCHIVE_TOO_LARGE: 6,
  ARCHIVE_UNSUPPORTED: 6,
  IMAGE_INVALID: 6,
  APP_INVALID: 6,
  OUTPUT_EXISTS: 7,
  OUTPUT_FAILED: 7,
  DISK_FULL: 7,
  CACHE_CORRUPT: 7,
  ENGINE_MISSING: 7,
  ENGINE_FAILED: 7,
  CREDENTIALS_FAILED: 7,
  BYTECODE_FAILED: 7,
  CHECK_FAILED: 8,
  REBASE_UNSOUND: 8,
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

const BROKEN = 'The package or archive itself is broken or hostile; it was not used.';

/** What to do about errors that come without a hint of their own. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  INTERNAL: 'This is not foreseen: please report it with the command and the output of `--json`.',
  USAGE: '`pith help COMMAND` explains the options.',
  UNKNOWN_PLATFORM: '`pith ls` lists the platforms of each image.',
  DEFINITION_INVALID: 'docs/definitions.md explains the keys and their values.',
  DEFINITION_CYCLE: 'Remove one of the `extends`.',
  LOCKFILE_INVALID: 'Write it anew with `pith lock`.',
  ARCHIVE_INVALID: BROKEN,
  ARCHIVE_UNSAFE: BROKEN,
  ARCHIVE_TOO_LARGE: BROKEN,
  ARCHIVE_UNSUPPORTED: 'It cannot be read; leave the package out, or ask for support of its format.',
  REGISTRY_INVALID: 'This is a fault of the registry, or of a proxy before it: ask those who run it.',
  IMAGE_INVALID: 'The image is broken; make or fetch it anew.',
  INTERRUPTED: 'Run the command again: what was finished is in the cache.',
};

export interface ErrorDetails {
  /** What the reader can do about it, one sentence. */
  hint?: string;
  /** The file or folder that it is about. */
  path?: string;
  /** The address that it is about; credentials are removed. */
  url?: string;
  cause?: unknown;
}

/** The one error class: what failed (message), where (path, url), why (cause) and what to do (hint). */
export class PithError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly path: string | undefined;
  readonly url: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(redact(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PithError';
    this.code = code;
    const hint = details.hint ?? HINTS[code];
    this.hint = hint === undefined ? undefined : redact(hint);
    this.path = details.path;
    this.url = details.url === undefined ? undefined : redact(details.url);
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** The codes with their exit codes, in the order of the documentation. */
export function errorCodes(): readonly (readonly [ErrorCode, number])[] {
  return Object.entries(EXIT_CODES) as [ErrorCode, number][];
}

/** The `code` of a Node.js system error (`ENOENT`, `ENOSPC` …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const MACHINE_FAULTS: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  ENOSPC: [
    'DISK_FULL',
    'the disk is full',
    'Free some space (`pith cache prune` removes what is not in use) and run the command again.',
  ],
  EDQUOT: ['DISK_FULL', 'the disk quota is used up', 'Free some space and run the command again.'],
  EFBIG: [
    'DISK_FULL',
    'the file grew over the limit for file sizes',
    'Raise the limit (`ulimit -f`) and run the command again.',
  ],
  EACCES: [
    'OUTPUT_FAILED',
    'permission denied',
    'Check the owner and mode of the path, or choose another one.',
  ],
  EPERM: [
    'OUTPUT_FAILED',
    'operation not permitted',
    'Check the owner and mode of the path, or choose another one.',
  ],
  EROFS: ['OUTPUT_FAILED', 'the file system is read-only', 'Choose a path on a writable file system.'],
  ENOENT: [
    'OUTPUT_FAILED',
    'there is no such file or folder',
    'Check the path; if it is in the cache, run the command again.',
  ],
  ENOTDIR: ['OUTPUT_FAILED', 'a part of the path is a file, not a folder', 'Choose another path.'],
  EISDIR: ['OUTPUT_FAILED', 'it is a folder, not a file', 'Choose another path.'],
  EEXIST: [
    'OUTPUT_FAILED',
    'something else is there already',
    'Choose another path, or remove what is there.',
  ],
  EMFILE: [
    'OUTPUT_FAILED',
    'too many open files',
    'Raise the limit (`ulimit -n`) and run the command again.',
  ],
};

/**
 * Turns any thrown value into a PithError: a PithError stays as it is, a fault of the machine
 * (disk, permissions) gets its own code, everything else is INTERNAL.
 */
export function toPithError(error: unknown): PithError {
  if (error instanceof PithError) return error;
  const path =
    typeof error === 'object' && error !== null && 'path' in error && typeof error.path === 'string'
      ? error.path
      : undefined;
  const fault = MACHINE_FAULTS[systemCode(error) ?? ''];
  const details: ErrorDetails = path === undefined ? { cause: error } : { cause: error, path };
  if (fault)
    return new PithError(fault[0], path === undefined ? fault[1] : `${path}: ${fault[1]}`, {
      ...details,
      hint: fault[2],
    });
  return new PithError('INTERNAL', error instanceof Error ? error.message : String(error), details);
}
