import type { FoundSecret } from '../../facts.ts';
import { Needles } from '../needles.ts';
import { TOKEN_KINDS, typeOfVariable } from './tokens.ts';

/** Secrets of one file. */
const MAX_SECRETS = 100;
/** Places of one file that are looked at closely. */
const MAX_PLACES = 2000;

const MARKS = TOKEN_KINDS.flatMap(({ marks }, kind) => marks.map((mark) => ({ mark, kind })));
const NEEDLES = new Needles(MARKS.map(({ mark }) => mark));

export interface SecretSearch {
  /** Takes only what cannot be test data: for files of packages' tests and documentation. */
  readonly provenOnly?: boolean;
}

/**
 * Secrets of a text that tell by their form what they are: private keys and tokens. The same for files and for values of
 * variables.
 * @returns in the order of their lines, of each line and type one
 */
export function findSecrets(bytes: Buffer, { provenOnly = false }: SecretSearch = {}): FoundSecret[] {
  const places: { readonly at: number; readonly kind: number }[] = [];
  NEEDLES.search(bytes, (needle, at) => {
    if (places.length < MAX_PLACES) places.push({ at, kind: MARKS[needle]?.kind ?? 0 });
  });
  if (places.length === 0) return [];
  const text = bytes.toString('latin1');
  const lines = new LineNumbers(text);
  const secrets = new Map<string, FoundSecret>();
  for (const { at, kind } of places) {
    const { read, isProven = false } = TOKEN_KINDS[kind] ?? {};
    const found = read && (isProven || !provenOnly) ? read(text, at) : undefined;
    if (!found || secrets.size >= MAX_SECRETS) continue;
    const line = lines.of(at);
    const isAccount = found.type === 'private-key' && text.includes('"service_account"');
    const secret = { ...found, line, ...(isAccount ? { type: 'gcp-service-account' } : {}) };
    const key = `${line} ${secret.type}`;
    if (!secrets.has(key)) secrets.set(key, secret);
  }
  return [...secrets.values()];
}

/**
 * The secret that a variable of an image's environment holds; nothing if it holds none.
 * @param name of the variable, by which passwords are told
 */
export function findSecretInVariable(name: string, value: string): FoundSecret | undefined {
  const [token] = findSecrets(Buffer.from(value));
  if (token) return token;
  const type = typeOfVariable(name, value);
  return type && { type, line: 1, hint: `${name}=…(${value.length} characters)` };
}

/** Numbers of lines, from 1, for places that are asked for in order. */
class LineNumbers {
  readonly #text: string;
  #line = 1;
  /** Where the line ends. */
  #end: number;

  constructor(text: string) {
    this.#text = text;
    this.#end = text.indexOf('\n');
  }

  of(place: number): number {
    while (this.#end >= 0 && this.#end < place) {
      this.#line++;
      this.#end = this.#text.indexOf('\n', this.#end + 1);
    }
    return this.#line;
  }
}
