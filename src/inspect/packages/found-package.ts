import type { Fact } from '../facts.ts';
import type { FoundPackage, OwnedFile } from './model.ts';
import { purlOfPackage } from './purl.ts';
import { soundLicences, soundName, soundSummary, soundVersion } from './texts.ts';

/** Of one database: more than any distribution has. */
export const MAX_PACKAGES = 100_000;

/** What a file says of a package, before anything of it is believed. */
export interface ToldPackage {
  readonly type: FoundPackage['type'];
  readonly name: unknown;
  readonly version: unknown;
  readonly architecture?: unknown;
  readonly source?: { readonly name: unknown; readonly version: unknown } | undefined;
  readonly licences?: Iterable<unknown>;
  readonly summary?: unknown;
  /** Bytes. */
  readonly installedSize?: number | undefined;
  readonly partial?: boolean;
  readonly files?: readonly OwnedFile[] | undefined;
  readonly member?: string | undefined;
}

/** @returns nothing for what has no name or no version that could be one */
export function foundPackage(told: ToldPackage): FoundPackage | undefined {
  const { type, installedSize = 0, partial = false, files = [], member } = told;
  const [name, version] = [soundName(told.name), soundVersion(told.version)];
  if (name === undefined || version === undefined) return undefined;
  const architecture = soundVersion(told.architecture);
  const summary = soundSummary(told.summary);
  const source = sourceOf(told, name, version);
  const known = { type, name, version, ...(architecture === undefined ? {} : { architecture }) };
  return {
    ...known,
    ...(source ? { source } : {}),
    licences: soundLicences(told.licences ?? []),
    ...(summary === undefined ? {} : { summary }),
    ...(Number.isSafeInteger(installedSize) && installedSize > 0 ? { installedSize } : {}),
    purl: purlOfPackage(known),
    ...(partial ? { partial } : {}),
    ...(files.length > 0 ? { files } : {}),
    ...(member === undefined ? {} : { member }),
  };
}

function sourceOf({ source }: ToldPackage, name: string, version: string): FoundPackage['source'] {
  const [sourceName, sourceVersion] = [soundName(source?.name), soundVersion(source?.version)];
  if (sourceName === undefined || sourceVersion === undefined) return undefined;
  return sourceName === name && sourceVersion === version
    ? undefined
    : { name: sourceName, version: sourceVersion };
}

/** Nothing is said where there is none. */
export function packagesFact(packages: readonly FoundPackage[]): readonly Fact[] {
  return packages.length > 0 ? [{ kind: 'packages', packages }] : [];
}
