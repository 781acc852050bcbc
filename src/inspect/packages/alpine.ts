import type { FileReader } from '../model.ts';
import { wholeFile } from '../whole-file.ts';
import { foundPackage, MAX_PACKAGES, packagesFact } from './found-package.ts';
import type { FoundPackage, OwnedFile } from './model.ts';
import { linesOf, PathMaker } from './texts.ts';

const MAX_DATABASE = 128 << 20;
/** Up to three a file. */
const MAX_LINES = 8_000_000;
const DATABASE = /^(?:usr\/)?lib\/apk\/db\/installed$/;

/** apk's database of installed packages. */
export const alpineReader: FileReader = {
  open({ path }) {
    if (!DATABASE.test(path)) return undefined;
    return wholeFile(MAX_DATABASE, (bytes) => packagesFact(readInstalled(bytes.toString())));
  },
};

interface Stanza {
  /** By letter. */
  readonly fields: Map<string, string>;
  readonly files: OwnedFile[];
}

/**
 * The packages of `lib/apk/db/installed` (apk-package(5) and apk-tools' documentation of the installed database): lines of a
 * letter, a colon and a value, a stanza a package. Each `F` (folder) holds for the `R` (files) that follow.
 */
export function readInstalled(text: string): FoundPackage[] {
  const packages: FoundPackage[] = [];
  const paths = new PathMaker();
  let stanza: Stanza = { fields: new Map(), files: [] };
  let folder = '';
  const end = (): void => {
    const found = packageOf(stanza);
    if (found && packages.length < MAX_PACKAGES) packages.push(found);
    stanza = { fields: new Map(), files: [] };
    folder = '';
  };
  for (const line of linesOf(text, MAX_LINES)) {
    const [letter, value] = [line.charAt(0), line.slice(2)];
    if (line === '') end();
    else if (line.charAt(1) !== ':') continue;
    else if (letter === 'F') folder = value === '' ? '' : `${value}/`;
    else if (letter === 'R') {
      const path = paths.of(folder, value);
      if (path !== undefined) stanza.files.push({ path });
    } else if (letter === 'Z') addDigest(stanza.files, value);
    else if (!stanza.fields.has(letter)) stanza.fields.set(letter, value);
  }
  end();
  return packages;
}

/** `Q1` and a SHA-1, or `Q2` and a SHA-256, both in base64; the former cannot be said of a file here. */
function addDigest(files: OwnedFile[], value: string): void {
  const last = files.at(-1);
  const sha256 = value.startsWith('Q2') ? Buffer.from(value.slice(2), 'base64').toString('hex') : '';
  if (last && sha256.length === 64) files[files.length - 1] = { ...last, sha256 };
}

function packageOf({ fields, files }: Stanza): FoundPackage | undefined {
  const version = fields.get('V');
  return foundPackage({
    type: 'apk',
    name: fields.get('P'),
    version,
    architecture: fields.get('A'),
    source: { name: fields.get('o'), version },
    licences: [fields.get('L')],
    summary: fields.get('T'),
    installedSize: Number(fields.get('I')),
    files,
  });
}
