import type { FileReader } from '../model.ts';
import { wholeFile } from '../whole-file.ts';
import { foundPackage, packagesFact } from './found-package.ts';
import type { FoundPackage } from './model.ts';

const MAX_MANIFEST = 4 << 20;
/** A package's own folder: in node_modules, or in Debian's folders of libraries. */
const MANIFEST =
  /(?:^|\/)(?:node_modules|usr\/share\/nodejs|usr\/lib\/nodejs|usr\/lib\/[^/]+\/nodejs)\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/;
const NAME = /^(?:@[^/\s]+\/)?[^/\s]+$/;

/** Packages of npm where they are installed. */
export const nodejsReader: FileReader = {
  open({ path }) {
    if (!path.endsWith('/package.json') || !MANIFEST.test(path)) return undefined;
    return wholeFile(MAX_MANIFEST, (bytes) => packagesFact(readManifest(bytes.toString())));
  },
};

/**
 * The package of a package.json (npm docs, "package.json"): none without a name and a version.
 * @throws SyntaxError for what is no JSON
 */
export function readManifest(text: string): FoundPackage[] {
  const manifest: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
  if (!isRecord(manifest)) return [];
  const { name, version, license, licenses, description } = manifest;
  if (typeof name !== 'string' || !NAME.test(name)) return [];
  const declared: unknown[] = [license, ...(Array.isArray(licenses) ? (licenses as unknown[]) : [licenses])];
  const found = foundPackage({
    type: 'npm',
    name,
    version,
    licences: declared.map((one) => (isRecord(one) ? one['type'] : one)),
    summary: description,
  });
  return found ? [found] : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
