import { digestFromHex, isDigest, PithError } from '../../core/index.ts';
import type { MultiArch, Package } from '../contract.ts';
import { isSafePath } from './path.ts';
import { isVersion } from './version.ts';

/** A package as its index describes it, without the place of the index. */
export type IndexedPackage = Omit<Package, 'archive' | 'suite' | 'component'>;

/**
 * The fields of a Packages stanza that are kept, in the order of a record's lines; a record is these values with a
 * line end after each, in the bytes that the archive wrote.
 */
export const RECORD_FIELDS = [
  'Package',
  'Version',
  'Architecture',
  'Source',
  'Filename',
  'Size',
  'SHA256',
  'Installed-Size',
  'Section',
  'Priority',
  'Essential',
  'Multi-Arch',
  'Depends',
  'Pre-Depends',
  'Provides',
  'Conflicts',
  'Breaks',
  'Recommends',
] as const;

const NAME = /^[A-Za-z0-9][A-Za-z0-9.+-]*$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const SOURCE = /^([A-Za-z0-9][A-Za-z0-9.+-]*)(?:\s+\(([^()\s]+)\))?$/;
const NUMBER = /^[0-9]{1,15}$/;
const MULTI_ARCH: readonly string[] = ['no', 'same', 'foreign', 'allowed'] satisfies MultiArch[];

/**
 * Reads a record.
 *
 * @throws PithError RELEASE_INVALID for a name, version, path, size or digest that is missing or cannot be right
 */
export function parseRecord(record: string): IndexedPackage {
  const values = record.split('\n');
  const field = (name: (typeof RECORD_FIELDS)[number]): string => values[RECORD_FIELDS.indexOf(name)] ?? '';
  const name = field('Package');
  const version = field('Version');
  const fail = (what: (typeof RECORD_FIELDS)[number]): never => {
    throw new PithError(
      'RELEASE_INVALID',
      `the index describes ${JSON.stringify(name.slice(0, 80))} with a wrong ${what}: ${JSON.stringify(field(what).slice(0, 120))}`,
      { hint: 'The archive’s index is not usable: choose another mirror, or report it to the archive.' },
    );
  };
  if (!NAME.test(name)) fail('Package');
  if (!isVersion(version)) fail('Version');
  if (!ARCHITECTURE.test(field('Architecture'))) fail('Architecture');
  if (!isSafePath(field('Filename'))) fail('Filename');
  if (!NUMBER.test(field('Size'))) fail('Size');
  const digest = digestFromHex(field('SHA256'));
  if (!isDigest(digest)) return fail('SHA256');
  const installed = field('Installed-Size');
  if (installed !== '' && !NUMBER.test(installed)) fail('Installed-Size');
  const multiArch = field('Multi-Arch') || 'no';
  if (!isMultiArch(multiArch)) return fail('Multi-Arch');
  const [, sourceName = name, sourceVersion = version] = SOURCE.exec(field('Source')) ?? [];
  return {
    name,
    version,
    architecture: field('Architecture'),
    source: { name: sourceName, version: sourceVersion },
    path: field('Filename'),
    size: Number(field('Size')),
    digest,
    installedSize: Number(installed) * 1024,
    section: field('Section'),
    priority: field('Priority'),
    essential: field('Essential') === 'yes',
    multiArch,
    depends: field('Depends'),
    preDepends: field('Pre-Depends'),
    provides: field('Provides'),
    conflicts: field('Conflicts'),
    breaks: field('Breaks'),
    recommends: field('Recommends'),
  };
}

function isMultiArch(text: string): text is MultiArch {
  return MULTI_ARCH.includes(text);
}
