import { byText } from '../../core/index.ts';
import type { Fact } from '../facts.ts';
import type { FoundPackage, InstalledPackage, OwnedFile, OwnedFiles } from './model.ts';
import { purlOfPackage } from './purl.ts';

/** What is said in one file of the image: the topmost one of its path. */
export interface FileFacts {
  readonly path: string;
  /** Number of its layer, from 0. */
  readonly layer: number;
  readonly facts: readonly Fact[];
}

interface Place {
  readonly path: string;
  readonly layer: number;
}

const COPYRIGHT = /^usr\/share\/doc\/[^/]+\/copyright$/;
const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'] as const;
/** Types whose package URL names the distribution. */
const OF_DISTRIBUTION: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm']);

/**
 * One list of the packages of an image, sorted by type, name, version, architecture and place. What several files say of a package
 * is joined: its database, the lists of its files, its copyright file, and os-release(5) for its package URL.
 *
 * A Debian package without a copyright file has the licences of another one of the same source and version: Debian's
 * policy (12.5) lets it link its folder of documentation there.
 * @param found the files that were topmost, each path once
 */
export function joinPackages(found: Iterable<FileFacts>): InstalledPackage[] {
  const told = new Collection();
  for (const file of found) told.add(file);
  return told.join().sort(inOrder);
}

class Collection {
  readonly #packages: { readonly found: FoundPackage; readonly place: Place }[] = [];
  /** By {@link keyOf}. */
  readonly #owned = new Map<string, OwnedFiles[]>();
  readonly #licences = new Map<string, readonly string[]>();
  readonly #vendors = new Map<string, string>();

  add({ path, layer, facts }: FileFacts): void {
    const place = { path, layer };
    for (const fact of facts) {
      if (fact.kind === 'packages') for (const found of fact.packages) this.#packages.push({ found, place });
      else if (fact.kind === 'owned-files') append(this.#owned, keyOfList(fact.owned, path), fact.owned);
      else if (fact.kind === 'licences' && COPYRIGHT.test(path))
        this.#licences.set(fact.package, fact.licences);
      else if (fact.kind === 'os-release' && fact.values['ID']) this.#vendors.set(path, fact.values['ID']);
    }
  }

  join(): InstalledPackage[] {
    const vendor = OS_RELEASE.map((path) => this.#vendors.get(path)).find((id) => id !== undefined);
    const ofSource = this.#licencesOfSources();
    const joined = new Map<string, InstalledPackage>();
    for (const { found, place } of this.#packages) {
      const files = mergeFiles(found.files ?? [], this.#listsOf(found, place));
      const licences =
        found.type === 'deb' && found.licences.length === 0
          ? (this.#licences.get(found.name) ?? ofSource.get(sourceKey(found)) ?? [])
          : found.licences;
      const purl = OF_DISTRIBUTION.has(found.type) ? purlOfPackage(found, vendor) : found.purl;
      const installed = { ...found, licences, purl, ...place, files };
      const key = identityOf(installed);
      const other = joined.get(key);
      // dpkg's whole database and a folder of single files may both name a package: who knows more files wins.
      if (!other || other.files.length < files.length) joined.set(key, installed);
    }
    return [...joined.values()];
  }

  #licencesOfSources(): Map<string, readonly string[]> {
    const ofSource = new Map<string, readonly string[]>();
    for (const { found } of this.#packages) {
      const licences = found.type === 'deb' ? this.#licences.get(found.name) : undefined;
      if (licences && !ofSource.has(sourceKey(found))) ofSource.set(sourceKey(found), licences);
    }
    return ofSource;
  }

  #listsOf(found: FoundPackage, { path }: Place): OwnedFile[] {
    return keysOfPackage(found, path).flatMap((key) =>
      (this.#owned.get(key) ?? []).flatMap(({ files }) => files),
    );
  }
}

/** Python's lists belong to the folder that they are in, dpkg's to the package that their name says. */
function keyOfList({ type, package: name }: OwnedFiles, path: string): string {
  return type === 'pypi' ? `pypi ${folderOf(path)}` : `${type} ${name}`;
}

function keysOfPackage({ type, name, architecture = '' }: FoundPackage, path: string): string[] {
  if (type === 'pypi') return [`pypi ${folderOf(path)}`];
  const [, alone = name] = /\/status\.d\/([^/]+)$/.exec(path) ?? [];
  return type === 'deb'
    ? [...new Set([alone, name, `${name}:${architecture}`])].map((one) => `deb ${one}`)
    : [];
}

function sourceKey({ name, version, source = { name, version } }: FoundPackage): string {
  return `${source.name} ${source.version}`;
}

function identityOf({ type, purl, path, member = '' }: InstalledPackage): string {
  return type === 'deb' ? purl : `${purl} ${path} ${member}`;
}

/** Each path once, with all that is said of it. */
function mergeFiles(own: readonly OwnedFile[], lists: readonly OwnedFile[]): readonly OwnedFile[] {
  if (own.length === 0 || lists.length === 0) {
    const only = own.length === 0 ? lists : own;
    if (new Set(only.map(({ path }) => path)).size === only.length) return only;
  }
  const merged = new Map<string, OwnedFile>();
  for (const file of [...lists, ...own]) {
    const other = merged.get(file.path);
    merged.set(file.path, !other || isBare(other) ? file : isBare(file) ? other : { ...other, ...file });
  }
  return [...merged.values()];
}

function isBare({ md5, sha256, configuration = false }: OwnedFile): boolean {
  return md5 === undefined && sha256 === undefined && !configuration;
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function inOrder(a: InstalledPackage, b: InstalledPackage): number {
  return (
    byText(a.type, b.type) ||
    byText(a.name, b.name) ||
    byText(a.version, b.version) ||
    byText(a.architecture ?? '', b.architecture ?? '') ||
    byText(a.path, b.path) ||
    byText(a.member ?? '', b.member ?? '')
  );
}
