import * as z from 'zod/mini';
import type { Digest } from '../core/index.ts';
import type { Lockfile } from './lockfile-types.ts';

const digest = z.custom<Digest>(
  (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value),
  'must be a SHA-256 digest',
);
const archivePath = z
  .string()
  .check(z.regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\s][^\s]*$/, 'must be a path below the archive'));
const date = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'must be a date in UTC'));

const lockedPackage = z.strictObject({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  source: z.strictObject({ name: z.string(), version: z.string() }),
  archive: z.string(),
  suite: z.string(),
  path: archivePath,
  size: z.int().check(z.minimum(1)),
  digest,
});

const lockedImage = z.strictObject({
  /** Digest of what was resolved: the suites and requests of the definition. */
  inputs: digest,
  suites: z.record(z.string(), z.strictObject({ archive: z.string(), date, release: digest })),
  /** By platform: the package of each request. */
  platforms: z.record(z.string(), z.record(z.string(), z.string())),
});

/** The shape of a lockfile. */
export const lockfileSchema = z.strictObject({
  lockfileVersion: z.literal(1),
  checksum: digest,
  images: z.record(z.string(), lockedImage),
  packages: z.record(z.string(), lockedPackage),
});

/** The shape that the schema accepts is the one that is documented: this compiles only if it is. */
export function asLockfile({ checksum, ...lockfile }: z.infer<typeof lockfileSchema>): [Digest, Lockfile] {
  return [checksum, lockfile];
}
