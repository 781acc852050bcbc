import { foundPackage } from '../found-package.ts';
import { licenceOfName } from '../licences/names.ts';
import type { FoundPackage } from '../model.ts';

const NAME = /^[A-Za-z0-9_][\w.-]*$/;
const GROUP = /^[a-z][\w-]*(?:\.[\w-]+)+$/;
const VERSION = /^[A-Za-z0-9][\w.+-]*$/;
/** `artifact-1.2.3.jar`, as Maven and Gradle name it. */
const FILE_NAME = /^(.+?)-(\d[\w.+-]*?)\.[jwe]ar$/i;
/** Title of the specification that a runtime's own jars implement: these are no packages of Maven. */
const RUNTIME = 'Java Platform API Specification';

/**
 * The package of an archive without Maven's files, as its manifest says (Java's `Implementation-` attributes, else OSGi's `Bundle-`),
 * else its file name.
 * @returns nothing where no version is known
 */
export function packageOfManifest(
  manifest: ReadonlyMap<string, string>,
  fileName: string,
  member: string | undefined,
): FoundPackage | undefined {
  if (manifest.get('specification-title') === RUNTIME) return undefined;
  const said = implementationOf(manifest) ?? bundleOf(manifest) ?? fileOf(fileName);
  if (!said) return undefined;
  const licence = manifest.get('bundle-license')?.split(/[;,]/, 1)[0]?.trim() ?? '';
  return foundPackage({
    type: 'maven',
    ...said,
    licences: NAME.test(licence) ? [licenceOfName(licence)] : [],
    member,
  });
}

type Coordinates = Readonly<Record<'name' | 'version', string>>;

function implementationOf(manifest: ReadonlyMap<string, string>): Coordinates | undefined {
  const [title, version] = [manifest.get('implementation-title'), manifest.get('implementation-version')];
  const vendor = manifest.get('implementation-vendor-id') ?? '';
  if (title === undefined || version === undefined || !NAME.test(title) || !VERSION.test(version))
    return undefined;
  return { name: GROUP.test(vendor) && vendor !== title ? `${vendor}:${title}` : title, version };
}

function bundleOf(manifest: ReadonlyMap<string, string>): Coordinates | undefined {
  const name = manifest.get('bundle-symbolicname')?.split(';', 1)[0]?.trim() ?? '';
  const version = manifest.get('bundle-version')?.trim() ?? '';
  return NAME.test(name) && VERSION.test(version) ? { name, version } : undefined;
}

function fileOf(fileName: string): Coordinates | undefined {
  const [, name = '', version = ''] = FILE_NAME.exec(fileName) ?? [];
  return NAME.test(name) && VERSION.test(version) ? { name, version } : undefined;
}
