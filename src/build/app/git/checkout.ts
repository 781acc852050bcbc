import { byText } from '../../../core/index.ts';
import { parseGitConfig } from './config.ts';
import { readHead, tagsAt } from './refs.ts';
import { publicAddress, remoteUrl } from './remote.ts';
import { findRepository } from './repository.ts';
import { readSmall } from './small-file.ts';

/** What git knows of the checkout that an application lies in; all of it may be unknown. */
export interface Checkout {
  /** The commit that is checked out. Whether files were changed since is not looked at, which would mean to read all of them. */
  readonly revision?: string;
  /** Where the repository is, without credentials. */
  readonly source?: string;
  /** Of a tag that stands for the commit. */
  readonly version?: string;
}

const MAX_CONFIG = 1 << 20;
/** `v1.2.3`, `1.2-rc.1`, `2026.11.21`: a version, not `latest`. */
const VERSION = /^v?(\d+(?:\.\d+){0,3}(?:[-+._]?[0-9A-Za-z][0-9A-Za-z.+_-]{0,60})?)$/;

/**
 * Reads what git knows of a folder, without running git. What is broken is as unknown as what is not there.
 * @param folder absolute path
 */
export function readCheckout(folder: string): Checkout {
  const repository = findRepository(folder);
  if (!repository) return {};
  const { branch, commit } = readHead(repository);
  const config = parseGitConfig(readSmall(`${repository.common}/config`, MAX_CONFIG)?.toString() ?? '');
  const url = config && remoteUrl(config, branch);
  const source = url === undefined ? undefined : publicAddress(url);
  const tags = commit === undefined ? [] : tagsAt(repository, commit, (name) => VERSION.test(name));
  const version = newest(tags.flatMap((tag) => VERSION.exec(tag)?.[1] ?? []));
  return {
    ...(commit === undefined ? {} : { revision: commit }),
    ...(source === undefined ? {} : { source }),
    ...(version === undefined ? {} : { version }),
  };
}

const PREFIX = 'org.opencontainers.image';

/**
 * Labels of an application with those that git gives (OCI image-spec 1.1, annotations.md). A tag wins over the version of a
 * manifest, which is that of the next release, perhaps; but what the application itself says of its repository is the same in
 * every checkout, and where it was built of another commit, that is the truth.
 */
export function withCheckout(
  labels: Readonly<Record<string, string>>,
  { revision, source, version }: Checkout,
): Record<string, string> {
  const own = labels[`${PREFIX}.revision`];
  const isSame = own === undefined || own === revision;
  return {
    ...(source === undefined ? {} : { [`${PREFIX}.source`]: source }),
    ...(revision === undefined ? {} : { [`${PREFIX}.revision`]: revision }),
    ...labels,
    ...(isSame && version !== undefined ? { [`${PREFIX}.version`]: version } : {}),
  };
}

/** The highest version; a release is above its candidates (semver.org, 11). */
function newest(versions: readonly string[]): string | undefined {
  return [...versions].sort(byVersion).at(-1);
}

function byVersion(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if ((a.rest === '') !== (b.rest === '')) return a.rest === '' ? 1 : -1;
  return byText(padded(a.rest), padded(b.rest)) || byText(one, other);
}

/** `rc.9` before `rc.10`. */
function padded(text: string): string {
  return text.replace(/\d+/g, (number) => number.padStart(20, '0'));
}

function numbersOf(version: string): { numbers: number[]; rest: string } {
  const [whole = ''] = /^\d+(?:\.\d+)*/.exec(version) ?? [];
  return { numbers: whole.split('.').map(Number), rest: version.slice(whole.length).replace(/^\+.*/, '') };
}
