import type { FoundPackage } from './model.ts';

/** What Go writes for a module that was built from a folder without version control. */
const DEVELOPMENT = '(devel)';

/** What a package URL is made of; texts as the ecosystem writes them. */
export interface PurlParts {
  readonly type: FoundPackage['type'];
  /** Vendor of a distribution, scope, group, path of a module without its last part. */
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  /** By key; those without a value are left out. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
}

/** Types whose namespace, or name, is written in lower case (PURL-TYPES: `case_sensitive`, `note`). */
const LOWER_NAMESPACE: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm', 'golang']);
const LOWER_NAME: ReadonlySet<string> = new Set(['deb', 'apk', 'golang', 'pypi']);

/**
 * The package URL of a package.
 * @param vendor the distribution of the image (`ID` of os-release(5)), for types that have it as namespace
 */
export function purlOfPackage(
  { type, name, version, architecture }: Pick<FoundPackage, 'type' | 'name' | 'version' | 'architecture'>,
  vendor?: string,
): string {
  switch (type) {
    case 'deb':
    case 'apk':
      return purlOf({ type, ...vendorOf(vendor), name, version, qualifiers: { arch: architecture } });
    case 'rpm': {
      const [, epoch, rest = version] = /^(\d+):(.*)$/.exec(version) ?? [];
      const qualifiers = { arch: architecture, epoch };
      return purlOf({ type, ...vendorOf(vendor), name, version: rest, qualifiers });
    }
    case 'npm':
      return purlOf({ type, ...splitAt(name, name.startsWith('@') ? name.indexOf('/') : -1), version });
    case 'maven':
      return purlOf({ type, ...splitAt(name, name.indexOf(':')), version });
    case 'golang':
      return purlOf({
        type,
        ...splitAt(name, name.lastIndexOf('/')),
        ...(version === DEVELOPMENT ? {} : { version }),
      });
    case 'pypi':
      return purlOf({ type, name, version });
  }
}

/** A package URL (ECMA-427, "How to build a PURL", with the rules of its type). */
export function purlOf({ type, namespace = '', name, version = '', qualifiers = {} }: PurlParts): string {
  const folder = (LOWER_NAMESPACE.has(type) ? namespace.toLowerCase() : namespace)
    .split('/')
    .filter((part) => part !== '')
    .map((part) => `${encode(part)}/`)
    .join('');
  const cased = LOWER_NAME.has(type) ? name.toLowerCase() : name;
  const title = encode(type === 'pypi' ? cased.replaceAll('_', '-') : cased);
  const pairs = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key}=${encode(value)}`]))
    .sort();
  const tail = `${version === '' ? '' : `@${encode(version)}`}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
  return `pkg:${type}/${folder}${title}${tail}`;
}

/** Everything but letters, digits, `.-_~` and the colon is written in percent (ECMA-427, "Character encoding"). */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function vendorOf(vendor: string | undefined): Pick<PurlParts, 'namespace'> {
  return vendor === undefined ? {} : { namespace: vendor };
}

function splitAt(name: string, at: number): Pick<PurlParts, 'namespace' | 'name'> {
  return at < 0 ? { name } : { namespace: name.slice(0, at), name: name.slice(at + 1) };
}
