import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;

/** What is filled in later, or says where a secret is. */
const REFERENCE =
  /\$\{|\$\(|\{\{|%\(|%[A-Z_]+%|^\$[A-Za-z_]|^<.*>$|x{6}|\*{3}|\.{3}|…|^(?:\/|file:|vault:|arn:|env:)/i;
/** What people write where a secret would stand. */
const EXAMPLE =
  /change.?me|change.?it|example|placeholder|dummy|sample|redacted|secret.?here|your[-_ ]|insert|replace|todo|fixme|foo|bar\b|baz|hunter2|12345|abcdef|qwerty|lorem|test|fake|mock|^(?:none|null|undefined|true|false|password|passwd|secret|token|key|admin|root|postgres|mysql|redis|default|empty|disabled|enabled|required|optional)$/i;
/** Among so many characters that were drawn by lot there may well be such a word. */
const MAX_EXAMPLE = 48;

/** Whether a value is there so that somebody puts a secret in its place, or says where one is. */
export function isPlaceholder(value: string): boolean {
  const isExample = value.length <= MAX_EXAMPLE && EXAMPLE.test(value);
  return value === '' || isExample || REFERENCE.test(value) || /^(.)\1*$/s.test(value);
}

/** Shannon's entropy of the characters of a text, in bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum -= (count / text.length) * Math.log2(count / text.length);
  return sum;
}

/** Whether a value looks as if a machine had drawn it: neither a word, nor a path or a number. */
export function isRandom(value: string): boolean {
  if (value.length < 12) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(value)).length;
  const isHex = /^[0-9a-f]+$/i.test(value);
  if (/^\d+$/.test(value)) return false;
  return entropyOf(value) >= (isHex ? 2.8 : 3.2) && (kinds >= 2 || isHex);
}

/**
 * Whether the last six characters of a token are the checksum of those before them, as GitHub's and npm's tokens have it:
 * CRC-32 in base 62 (github.blog, "Behind GitHub's new authentication token formats", 2021).
 * @param random what stands behind the prefix
 */
export function hasChecksum(random: string): boolean {
  let sum = crc32(random.slice(0, -CHECKSUM_LENGTH));
  let digits = '';
  for (; digits.length < CHECKSUM_LENGTH; sum = Math.floor(sum / 62))
    digits = (BASE62[sum % 62] ?? '') + digits;
  return digits === random.slice(-CHECKSUM_LENGTH);
}
