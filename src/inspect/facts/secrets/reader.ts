import type { Fact, FoundSecret } from '../../facts.ts';
import type { FileReader } from '../../model.ts';
import { isPublicPlace } from '../public-places.ts';
import { smallFile } from '../small-file.ts';
import { findSecrets } from './find.ts';
import { readerOfKnownFile } from './known-files.ts';

/** Larger texts are data, mostly. */
const LIMIT = 1 << 20;
const MAX_KNOWN = 16 << 20;
/** The shortest secret. */
const MIN_SIZE = 20;

/** Private keys, tokens and passwords in texts. */
export const secretsReader: FileReader = {
  open(file, head) {
    const { path, size } = file;
    if (size < MIN_SIZE || head.includes(0)) return undefined;
    const readKnown = readerOfKnownFile(path);
    if (!readKnown && size > LIMIT) return undefined;
    const provenOnly = isPublicPlace(path);
    return smallFile(file, readKnown ? MAX_KNOWN : LIMIT, (bytes) => {
      const found = findSecrets(bytes, { provenOnly });
      const known = readKnown && !provenOnly ? safely(readKnown, bytes.toString('utf8')) : [];
      const lines = new Set(found.map(({ line }) => line));
      const secrets = [...found, ...known.filter(({ line }) => !lines.has(line))].sort(
        (a, b) => a.line - b.line,
      );
      const facts: Fact[] = secrets.length > 0 ? [{ kind: 'secrets', secrets }] : [];
      return facts;
    });
  },
};

/** Damaged JSON holds no secrets that a program could use, and tokens in it are found without. */
function safely(read: (text: string) => FoundSecret[], text: string): FoundSecret[] {
  try {
    return read(text);
  } catch {
    return [];
  }
}
