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
const relativePath = z.string().check(z.regex(/^[^/\p{Cc}][^\p{Cc}]*$/u, 'must be a relative path'));
const date = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'must be a date in UTC'));

const lockedDeb = z.strictObject({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  source: z.strictObject({ name: z.string(), version: z.string() }),
  archive: z.string().check(z.refine((name) => name !== 'npm')),
  suite: z.string(),
  path: archivePath,
  size: z.int().check(z.minimum(1)),
  digest,
});

const lockedTarball = z.strictObject({
  name: z.string(),
  version: z.string(),
  archive: z.literal('npm'),
  path: archivePath,
  integrity: z.string().check(z.regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'must be a SHA-512 integrity')),
});

const lockedLevel = z.strictObject({
  packages: z.array(
    z.strictObject({
      package: z.string(),
      request: z.exactOptional(z.string()),
      by: z.exactOptional(z.string()),
      relation: z.exactOptional(z.string()),
    }),
  ),
  omissions: z.array(
    z.strictObject({ name: z.string(), by: z.string(), relation: z.string(), reason: z.string() }),
  ),
});

const lockedImage = z.strictObject({
  definition: z.exactOptional(relativePath),
  inputs: digest,
  base: z.exactOptional(z.strictObject({ location: z.string(), digest })),
  suites: z.record(z.string(), z.strictObject({ archive: z.string(), date, release: digest })),
  platforms: z.record(z.string(), z.record(z.string(), lockedLevel)),
});

/** The shape of a lockfile. */
export const lockfileSchema = z.strictObject({
  lockfileVersion: z.literal(2),
  checksum: digest,
  images: z.record(z.string(), lockedImage),
  packages: z.record(z.string(), z.union([lockedDeb, lockedTarball])),
});

/** The shape that the schema accepts is the one that is documented: this compiles only if it is. */
export function asLockfile({ checksum, ...lockfile }: z.infer<typeof lockfileSchema>): [Digest, Lockfile] {
  return [checksum, lockfile];
}
