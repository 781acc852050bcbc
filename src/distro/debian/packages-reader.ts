import { PithError } from '../../core/index.ts';
import { RECORD_FIELDS } from './package-record.ts';

/** The uncompressed index of Debian's largest suite has 60 MB. */
const MAX_BYTES = 1 << 30;
const FIELD_INDEX = new Map<string, number>(RECORD_FIELDS.map((name, at) => [name, at]));
/** Which bytes the names of kept fields begin with: most lines are passed over by this alone. */
const FIRST_LETTERS = new Set(RECORD_FIELDS.map((name) => name.charCodeAt(0)));
const REQUIRED = ['Package', 'Version', 'Architecture', 'Filename', 'Size', 'SHA256'] as const;
const REQUIRED_INDEXES = REQUIRED.map((name) => RECORD_FIELDS.indexOf(name));
const LONGEST_NAME = Math.max(...RECORD_FIELDS.map((name) => name.length));
const [SPACE, TAB] = [32, 9];

/**
 * Reads the stanzas of a Packages file (deb822(5)) and gives the values of the kept fields of each, in the order of
 * `RECORD_FIELDS`, absent ones empty. Text is handled byte for byte (as Latin-1); the array is reused.
 *
 * @throws PithError RELEASE_INVALID for a stanza without a field that every package has, or with one twice
 */
export async function readPackages(
  chunks: AsyncIterable<Uint8Array>,
  onStanza: (values: readonly string[]) => void,
): Promise<void> {
  const reader = new StanzaReader(onStanza);
  let total = 0;
  let rest = '';
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > MAX_BYTES)
      throw new PithError('ARCHIVE_TOO_LARGE', `the package index unpacks to more than ${MAX_BYTES} bytes`, {
        hint: 'No archive has such an index: choose another mirror.',
      });
    const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const end = text.lastIndexOf('\n') + 1;
    reader.readLines(text, end);
    rest = text.slice(end);
  }
  if (rest !== '') reader.readLines(`${rest}\n`, rest.length + 1);
  reader.endStanza();
}

class StanzaReader {
  readonly #onStanza: (values: readonly string[]) => void;
  readonly #values: string[] = new Array<string>(RECORD_FIELDS.length).fill('');
  /** Whether the stanza has begun. */
  #open = false;
  /** The kept field that the last line belongs to, -1 if it is none. */
  #field = -1;

  constructor(onStanza: (values: readonly string[]) => void) {
    this.#onStanza = onStanza;
  }

  /** Reads the lines up to `end`, which is the end of a line. */
  readLines(text: string, end: number): void {
    let start = 0;
    while (start < end) {
      const stop = text.indexOf('\n', start);
      this.#readLine(text, start, stop);
      start = stop + 1;
    }
  }

  #readLine(text: string, start: number, stop: number): void {
    if (start === stop) {
      this.endStanza();
      return;
    }
    this.#open = true;
    const first = text.charCodeAt(start);
    if (first === SPACE || first === TAB) {
      const more = this.#field < 0 ? '' : text.slice(start, stop).trim();
      if (more !== '') this.#values[this.#field] = `${this.#values[this.#field] ?? ''} ${more}`.trimStart();
      return;
    }
    this.#field = -1;
    if (!FIRST_LETTERS.has(first)) return;
    const colon = text.indexOf(':', start);
    if (colon < 0 || colon >= stop || colon - start > LONGEST_NAME) return;
    const field = FIELD_INDEX.get(text.slice(start, colon));
    if (field === undefined) return;
    if (this.#values[field] !== '')
      throw invalid(`${RECORD_FIELDS[field] ?? ''} appears twice`, this.#values[0]);
    this.#field = field;
    this.#values[field] = text.slice(colon + 1, stop).trim();
  }

  endStanza(): void {
    if (!this.#open) return;
    for (const field of REQUIRED_INDEXES)
      if (this.#values[field] === '')
        throw invalid(`${RECORD_FIELDS[field] ?? ''} is missing`, this.#values[0]);
    this.#onStanza(this.#values);
    this.#values.fill('');
    this.#open = false;
    this.#field = -1;
  }
}

function invalid(why: string, name: string | undefined): PithError {
  const where =
    name === undefined || name === '' ? 'a stanza' : `the stanza of ${JSON.stringify(name.slice(0, 80))}`;
  return new PithError('RELEASE_INVALID', `the package index is not usable: ${why} in ${where}`, {
    hint: 'Choose another mirror, or report it to the archive.',
  });
}
