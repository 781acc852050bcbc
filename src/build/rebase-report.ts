import { type Digest, PithError, printable } from '../core/index.ts';
import type { Artifact } from '../oci/index.ts';

/** What was looked at: what the images say they are, their files, what programs need, what the configuration names. */
export type RebaseCheck =
  'distribution' | 'files' | 'libraries' | 'versions' | 'programs' | 'links' | 'accounts';

/** Something that keeps the application from working on the new base as it did on the old one. */
export interface RebaseFinding {
  readonly check: RebaseCheck;
  /** Path in the image, without a slash before it. */
  readonly path?: string;
  /** In words, without a full stop. */
  readonly message: string;
}

export interface RebasedPlatform {
  /** `linux/amd64` */
  readonly platform: string;
  /** Digests of manifests: the image before and after, and both bases. */
  readonly before: Digest;
  readonly after: Digest;
  readonly oldBase: Digest;
  readonly newBase: Digest;
  /** Layers of the old base that went, of the new base that came, and of the application that stayed. */
  readonly layersRemoved: number;
  readonly layersAdded: number;
  readonly layersKept: number;
  /** What the checks said no to; none but with `force`. */
  readonly findings: readonly RebaseFinding[];
  /** What is no reason against it, but good to know. */
  readonly notes: readonly string[];
}

export interface RebaseReport {
  readonly platforms: readonly RebasedPlatform[];
  /** Attestations and other manifests of the index that told of the old images and were left out. */
  readonly leftOut: number;
  /** What is to be written. */
  readonly artifact: Artifact;
}

/** Findings that the error tells; the report with `--force` has all. */
const MOST_TOLD = 10;

/** The error for what the checks found, each finding once. */
export function unsound(platforms: readonly Pick<RebasedPlatform, 'platform' | 'findings'>[]): PithError {
  const byMessage = new Map<string, string[]>();
  for (const { platform, findings } of platforms)
    for (const { message } of findings) byMessage.set(message, [...(byMessage.get(message) ?? []), platform]);
  const all = [...byMessage].map(([message, names]) =>
    names.length === platforms.length ? message : `${message} (${names.join(', ')})`,
  );
  const more = all.length > MOST_TOLD ? `; and ${all.length - MOST_TOLD} more` : '';
  return new PithError(
    'REBASE_UNSOUND',
    `the image would not be sound on the new base: ${all.slice(0, MOST_TOLD).join('; ')}${more}`,
    { hint: 'Build the application anew on the new base, or rebase it all the same with --force.' },
  );
}

/** A path in a message: absolute, and without what acts on a terminal. */
export function showPath(path: string): string {
  return printable(`/${path}`).replace(/[\n\t]/g, ' ');
}
