import { digestOf, PithError } from '../../core/index.ts';
import type { MultiArch, Package } from '../contract.ts';
import { parseStanzas, type Stanza } from './deb822.ts';
import { isVersion } from './version.ts';

/** What a package of an image is said to come from: its own database, no archive. */
const INSTALLED = 'the base image';

const MULTI_ARCH: readonly string[] = ['no', 'same', 'foreign', 'allowed'] satisfies MultiArch[];

/**
 * The packages that an image's database tells of: /var/lib/dpkg/status, or /var/lib/dpkg/status.d/PACKAGE as distroless
 * images have it (dpkg(1), "FILES"). Packages that were removed but for their configuration are none.
 * @param text one or more stanzas
 * @param origin path of the file, for errors
 * @throws PithError IMAGE_INVALID
 */
export function parseInstalled(text: string, origin: string): Package[] {
  return parseStanzas(text, { origin, code: 'IMAGE_INVALID' }).flatMap((stanza) => {
    const status = stanza.get('status');
    if (status !== undefined && !status.endsWith(' installed')) return [];
    return [packageOf(stanza, origin)];
  });
}

function packageOf(stanza: Stanza, origin: string): Package {
  const field = (name: string): string => stanza.get(name) ?? '';
  const [name, version, architecture] = [field('package'), field('version'), field('architecture')];
  if (name === '' || !isVersion(version) || architecture === '')
    throw new PithError(
      'IMAGE_INVALID',
      `${origin} describes a package without name, version or architecture`,
      {
        hint: 'The package database of the base image is damaged.',
      },
    );
  const [, sourceName = name, sourceVersion = version] =
    /^(\S+)(?:\s+\((\S+)\))?$/.exec(field('source')) ?? [];
  const multiArch = field('multi-arch');
  return {
    name,
    version,
    architecture,
    source: { name: sourceName, version: sourceVersion },
    archive: INSTALLED,
    suite: INSTALLED,
    component: '',
    path: '',
    size: 0,
    digest: digestOf(`${name} ${version} ${architecture}`),
    installedSize: Number(field('installed-size')) * 1024 || 0,
    section: field('section'),
    priority: field('priority'),
    essential: field('essential') === 'yes',
    multiArch: isMultiArch(multiArch) ? multiArch : 'no',
    depends: field('depends'),
    preDepends: field('pre-depends'),
    provides: field('provides'),
    conflicts: field('conflicts'),
    breaks: field('breaks'),
    recommends: field('recommends'),
  };
}

function isMultiArch(text: string): text is MultiArch {
  return MULTI_ARCH.includes(text);
}
