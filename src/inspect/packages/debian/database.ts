import { isVersion, parseStanzas, type Stanza } from '../../../distro/index.ts';
import { foundPackage, MAX_PACKAGES } from '../found-package.ts';
import type { FoundPackage, OwnedFile } from '../model.ts';
import { imagePath } from '../texts.ts';

/** States of a package whose files are there (dpkg(1), "Package states"). */
const UNPACKED: ReadonlySet<string> = new Set([
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'installed',
]);
/** pith's own field of a package that is in the image in part. */
const PARTIAL = 'x-pith-partial';
const MD5 = /^[0-9a-f]{32}$/;

/**
 * The packages of /var/lib/dpkg/status, or of a file of /var/lib/dpkg/status.d (dpkg(1), "FILES"; deb-control(5)). Stanzas
 * that make no sense are passed over, and so are packages that were removed.
 */
export function readDatabase(text: string): FoundPackage[] {
  return text
    .split(/\n[ \t]*\n/, MAX_PACKAGES)
    .flatMap((stanza) => parseStanza(stanza))
    .flatMap((stanza) => packageOf(stanza) ?? []);
}

function parseStanza(text: string): Stanza[] {
  try {
    return parseStanzas(text, { origin: 'package database', code: 'IMAGE_INVALID' });
  } catch {
    return [];
  }
}

function packageOf(stanza: Stanza): FoundPackage | undefined {
  const version = stanza.get('version') ?? '';
  const state = stanza.get('status')?.split(/\s+/)[2];
  if (!isVersion(version) || (state !== undefined && !UNPACKED.has(state))) return undefined;
  const [, name, sourceVersion = version] =
    /^(\S+)(?:\s+\((\S+)\))?$/.exec(stanza.get('source') ?? stanza.get('package') ?? '') ?? [];
  return foundPackage({
    type: 'deb',
    name: stanza.get('package'),
    version,
    architecture: stanza.get('architecture'),
    source: { name, version: sourceVersion },
    summary: stanza.get('description'),
    installedSize: Number(stanza.get('installed-size')) * 1024,
    partial: stanza.has(PARTIAL),
    files: (stanza.get('conffiles') ?? '').split('\n').flatMap((line) => configurationFile(line)),
  });
}

/** ` /etc/file MD5 [obsolete] [remove-on-upgrade]`; `newconffile` stands in place of a sum that is not known yet. */
function configurationFile(line: string): OwnedFile[] {
  const [, name = '', sum = ''] =
    /^\/(.+?) (\S+)(?: obsolete)?(?: remove-on-upgrade)?$/.exec(line.trim()) ?? [];
  const path = imagePath(name);
  return path === undefined ? [] : [{ path, ...(MD5.test(sum) ? { md5: sum } : {}), configuration: true }];
}
