import type { FoundSecret } from '../../facts.ts';
import { entropyOf, hasChecksum, isPlaceholder, isRandom } from './likelihood.ts';
import { privateKeyAt, puttyKeyAt } from './private-key.ts';

/** A kind of secret that tells what it is by its own form, wherever it stands. */
interface TokenKind {
  /** Texts that are looked for; one of them is in every such secret. */
  readonly marks: readonly string[];
  /** @param at where the mark stands */
  readonly read: (text: string, at: number) => Pick<FoundSecret, 'type' | 'hint'> | undefined;
  /** Its form proves it: it counts among test data, too. */
  readonly isProven?: boolean;
}

const WORD = /[A-Za-z0-9_]/;
/** Longer than any token; those of JWT with chains of certificates have more, and are left out. */
const MAX_TOKEN = 8192;

/** Keys of Azure's storage emulator, and the token that jwt.io shows: everybody has them. */
const PUBLIC = [
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
];

/** The first half is enough to find it. */
function hintOf(token: string, shown: number): string {
  return `${token.slice(0, shown)}…(${token.length} characters)`;
}

/**
 * A token that begins with its mark.
 * @param form of the token from its first character on
 * @param options.shown so many characters of it are no secret
 * @param options.accept more that it has to fulfil
 */
function token(
  type: string,
  marks: readonly string[],
  form: RegExp,
  {
    shown = 4,
    accept = isLikely,
    isProven = false,
  }: { shown?: number; accept?: (token: string) => boolean; isProven?: boolean } = {},
): TokenKind {
  const sticky = new RegExp(form.source, 'y');
  return {
    marks,
    isProven,
    read: (text, at) => {
      if (at > 0 && WORD.test(text.charAt(at - 1))) return undefined;
      sticky.lastIndex = at;
      const [found] = sticky.exec(text) ?? [];
      if (found === undefined || WORD.test(text.charAt(at + found.length))) return undefined;
      return accept(found) ? { type, hint: hintOf(found, shown) } : undefined;
    },
  };
}

function isLikely(text: string): boolean {
  return (
    !PUBLIC.some((known) => text.includes(known)) &&
    !/example|x{5}|(.)\1{7}|0123456|abcdefg/i.test(text) &&
    entropyOf(text) >= 3
  );
}

/** A value that stands behind a name. @param form of the value, alone in its quotes or to the end of the line */
function assigned(type: string, marks: readonly string[], form: RegExp): TokenKind {
  const sticky = new RegExp(
    `[A-Za-z_]{0,40}["']?\\s{0,4}(?:=|:|=>)\\s{0,4}["']?(${form.source})(?![A-Za-z0-9+/=_-])`,
    'y',
  );
  return {
    marks,
    read: (text, at) => {
      sticky.lastIndex = at;
      const [, value] = sticky.exec(text) ?? [];
      if (value === undefined || !isLikely(value) || entropyOf(value) < 3.8) return undefined;
      return { type, hint: `(${value.length} characters)` };
    },
  };
}

export const TOKEN_KINDS: readonly TokenKind[] = [
  { marks: ['PRIVATE KEY'], read: privateKeyAt },
  { marks: ['PuTTY-User-Key-File-'], read: puttyKeyAt },
  token('aws-access-key', ['AKIA', 'ASIA'], /A[KS]IA[A-Z2-7]{16}/, {
    accept: (key) => isLikely(key) && !key.endsWith('EXAMPLE'),
  }),
  assigned(
    'aws-secret-key',
    ['aws_secret_access_key', 'AWS_SECRET_ACCESS_KEY', 'SecretAccessKey', 'aws_secret_key'],
    /[A-Za-z0-9+/]{40}/,
  ),
  token('github-token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /gh[pousr]_[A-Za-z0-9]{36}/, {
    accept: (text) => hasChecksum(text.slice(4)),
    isProven: true,
  }),
  token('github-token', ['github_pat_'], /github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/, { shown: 11 }),
  token(
    'gitlab-token',
    ['glpat-', 'gldt-', 'glrt-', 'glptt-'],
    /gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,64}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?/,
    { shown: 6 },
  ),
  token('npm-token', ['npm_'], /npm_[A-Za-z0-9]{36}/, {
    accept: (text) => hasChecksum(text.slice(4)),
    isProven: true,
  }),
  token('pypi-token', ['pypi-AgE'], /pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]{50,1000}/, {
    shown: 5,
    isProven: true,
  }),
  token(
    'slack-token',
    ['xoxb-', 'xoxp-', 'xoxa-', 'xoxs-', 'xoxe-', 'xapp-'],
    /(?:xox[bpase]-(?:\d{1,4}-)?\d{10,13}-[A-Za-z0-9-]{20,250}|xapp-\d-[A-Z0-9]{5,20}-\d{5,20}-[a-z0-9]{40,100})/,
    { shown: 5 },
  ),
  token(
    'slack-webhook',
    ['hooks.slack.com/services/'],
    /hooks\.slack\.com\/services\/T[A-Z0-9]{8,12}\/B[A-Z0-9]{8,12}\/[A-Za-z0-9]{24}/,
    { shown: 25 },
  ),
  token('stripe-key', ['sk_live_', 'rk_live_'], /[sr]k_live_[A-Za-z0-9]{24,120}/, { shown: 8 }),
  token('google-api-key', ['AIza'], /AIza[A-Za-z0-9_-]{35}/, {
    accept: (text) => isLikely(text) && entropyOf(text) >= 4,
  }),
  { marks: ['AccountKey='], read: azureKeyAt },
  { marks: ['eyJhbGci', 'eyJ0eXAi', 'eyJraWQi', 'eyJ4NXQi'], read: jwtAt },
];

function azureKeyAt(text: string, at: number): Pick<FoundSecret, 'type' | 'hint'> | undefined {
  const [found, key] = /^AccountKey=([A-Za-z0-9+/]{86}==)/.exec(text.slice(at, at + 120)) ?? [];
  if (found === undefined || key === undefined || !isLikely(key)) return undefined;
  return { type: 'azure-storage-key', hint: 'AccountKey=…(88 characters)' };
}

/** A token that is signed (RFC 7519 with RFC 7515): one with no signature is no secret. */
function jwtAt(text: string, at: number): Pick<FoundSecret, 'type' | 'hint'> | undefined {
  if (at > 0 && /[A-Za-z0-9_.+/-]/.test(text.charAt(at - 1))) return undefined;
  const [found, header = '', claims = '', signature = ''] =
    /^([A-Za-z0-9_-]+)\.(eyJ[A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{40,})/.exec(text.slice(at, at + MAX_TOKEN)) ?? [];
  if (found === undefined || !isLikely(signature)) return undefined;
  const [head, body] = [objectOf(header), objectOf(claims)];
  const algorithm = head?.['alg'];
  if (!body || typeof algorithm !== 'string' || !/^(?:HS|RS|ES|PS)(?:256|384|512)$|^EdDSA$/.test(algorithm))
    return undefined;
  // The token of every documentation: John Doe's.
  if (body['sub'] === '1234567890') return undefined;
  return { type: 'jwt', hint: `a token signed with ${algorithm} (${found.length} characters)` };
}

function objectOf(part: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Longer values are texts, not passwords. */
const MAX_VALUE = 4096;
/** What a variable is called that holds a secret. */
const SECRET_NAME =
  /(?:^|_|-|\.)(?:PASSWORD|PASSWD|PASS|PWD|SECRET|SECRET_?KEY|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|ENCRYPTION_?KEY|CREDENTIALS?|AUTH)(?:$|_(?:BASE64|PROD|PRODUCTION|LIVE)$)/i;
/** Names that only look so: where a secret is, how long it is, what is done with it. */
const NO_SECRET_NAME =
  /(?:_FILE|_PATH|_DIR|_URL|_NAME|_LENGTH|_TTL|_ALGORITHM|_TYPE|^PWD|^OLDPWD|PUBLIC.*KEY)$/i;
const URL_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i;

/** The type of secret that a variable holds, by its name and its value: for `.env` files and the environment of an image. */
export function typeOfVariable(name: string, value: string): 'password' | 'url-password' | undefined {
  if (value.length > MAX_VALUE) return undefined;
  const password = URL_PASSWORD.exec(value)?.[1];
  if (password !== undefined && password.length >= 8 && !isPlaceholder(password)) return 'url-password';
  if (!SECRET_NAME.test(name) || NO_SECRET_NAME.test(name) || isPlaceholder(value)) return undefined;
  return isRandom(value) ? 'password' : undefined;
}
