import { PithError, type ErrorCode, type ErrorDetails } from '../../core/index.ts';
import { HttpStatusError, retryAfterOf, type Answer } from '../../http/index.ts';

/** What was asked, in words for errors. */
export interface Asked {
  /** The registry's name. */
  readonly registry: string;
  /** What was asked for, as in "refused PURPOSE": `pulling docker.io/library/debian:12`. */
  readonly purpose: string;
}

const MAX_ERROR_SIZE = 64 * 1024;
const MAX_SHOWN = 400;

/** What an answer that is no success says of itself. */
interface Complaint {
  /** `CODE: message` of each error in it (distribution-spec 1.1, "Error Codes"), else its first line. */
  readonly text: string;
  readonly isPage: boolean;
}

/**
 * The error for an answer that was not hoped for; its body is read. What may pass by itself (429, 5xx) is an
 * HttpStatusError, which is tried again.
 * @param deny makes the error for 401 and 403 of what the server said
 */
export async function refusalOf(
  answer: Answer,
  asked: Asked,
  deny?: (status: number, said: string) => Promise<PithError>,
): Promise<PithError> {
  const { status, headers } = answer;
  const { text, isPage } = await readComplaint(answer);
  const said = text === '' || isPage ? '' : `: ${text}`;
  const details = { url: withoutQuery(answer.url) };
  if (status === 429 || status === 408 || status === 425 || (status >= 500 && status !== 507))
    return new HttpStatusError(status, `${asked.registry} answered ${status} to ${asked.purpose}${said}`, {
      ...details,
      hint:
        status === 429
          ? 'The registry asks to slow down: wait a while, or log in, as guests often get less.'
          : 'The registry has a fault: try again later.',
      retryAfter: retryAfterOf(headers['retry-after'], Date.now()),
    });
  if (isPage || (status >= 300 && status < 400)) return notRegistry(asked, answer);
  const rule = RULES.find(({ applies }) => applies(status, text));
  if (deny && (status === 401 || (status === 403 && (!rule || rule.code === 'REGISTRY_DENIED'))))
    return await deny(status, text);
  const { code = 'REGISTRY_REFUSED', hint } = rule ?? { hint: 'The logs of the registry may say more.' };
  const verb = code === 'REGISTRY_DENIED' ? 'does not allow' : 'refused';
  return new RefusedError(status, code, `${asked.registry} ${verb} ${asked.purpose} (${status})${said}`, {
    ...details,
    hint,
  });
}

/** A refusal that trying again does not change. */
export class RefusedError extends PithError {
  readonly status: number;

  constructor(status: number, code: ErrorCode, message: string, details: ErrorDetails) {
    super(code, message, details);
    this.status = status;
  }
}

/** The error for answers that no registry gives. */
export function notRegistry({ registry, purpose }: Asked, answer: Answer): PithError {
  const isPage = isHtml(answer);
  const { location } = answer.headers;
  const how = isPage
    ? `an HTML page (${answer.status})`
    : `${answer.status}${location === undefined ? '' : `, a redirect to ${withoutQuery(location)}`}`;
  return new PithError(
    'REGISTRY_INVALID',
    `${registry} is not a registry: it answered ${purpose} with ${how}`,
    {
      url: withoutQuery(answer.url),
      hint: isPage
        ? 'Check the name; a captive portal or a proxy may also answer in the registry’s place.'
        : 'Check the name of the registry.',
    },
  );
}

/** Queries may hold signatures that let others in, and say little. */
function withoutQuery(address: string): string {
  return address.replace(/[?#].*$/s, '');
}

export function isHtml({ headers }: Answer): boolean {
  return /^(?:text\/html|application\/xhtml)\b/i.test(headers['content-type'] ?? '');
}

interface Rule {
  readonly applies: (status: number, text: string) => boolean;
  readonly code?: ErrorCode;
  readonly hint: string;
}

/** What registries mean by their answers; they do not agree on statuses and codes, so the first that applies counts. */
const RULES: readonly Rule[] = [
  {
    applies: (_status, text) => /immutab/i.test(text),
    hint: 'This tag cannot be moved: choose another one, or allow tags of the repository to change.',
  },
  {
    applies: (status, text) =>
      status === 507 ||
      status === 402 ||
      /quota|(?:storage|upper|size) limit|limit exceeded|insufficient storage/i.test(text),
    hint: 'Remove what is not needed from the registry, or ask for a higher quota.',
  },
  {
    applies: (_status, text) => /read[- ]?only|maintenance/i.test(text),
    hint: 'The registry takes nothing at the moment: wait, or ask those who run it.',
  },
  {
    applies: (status, text) => status === 413 || /too (?:large|big)|SIZE_INVALID/i.test(text),
    hint: 'The registry, or a proxy before it, takes nothing as large: ask those who run it to raise the limit.',
  },
  {
    applies: (status, text) =>
      status === 415 ||
      /(?:media ?type|schema version|oci (?:index|manifest)).*(?:unsupported|not supported|not allowed|unknown|unrecognized|invalid)|(?:unsupported|unknown|unrecognized|invalid) (?:manifest )?(?:media ?type|schema)/i.test(
        text,
      ),
    hint: 'The registry does not know this kind of manifest: it may be too old, or allow some kinds only.',
  },
  {
    applies: (status) => status === 405,
    hint: 'The registry does not support this, or is read-only.',
  },
  {
    applies: (status, text) => status === 403 || /\bDENIED\b/.test(text),
    code: 'REGISTRY_DENIED',
    hint: 'Check the name of the repository and the rights of the account.',
  },
  {
    applies: (_status, text) => /\b(?:MANIFEST_)?BLOB_UNKNOWN\b/.test(text),
    hint: 'The registry has lost a part of the image: push it again, under another name if that does not help.',
  },
  {
    applies: (status) => status === 404,
    code: 'UNKNOWN_IMAGE',
    hint: 'Check the name of the repository; some registries want a repository to be made first.',
  },
];

/** Reads what an answer says of its failure. */
export async function readComplaint(answer: Answer): Promise<Complaint> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      if ((size += piece.length) > MAX_ERROR_SIZE) break;
    }
  } catch {
    // What has come must do: the status says enough.
  }
  const body = Buffer.concat(pieces).toString();
  if (isHtml(answer) || /^\s*<(?:!doctype|html)/i.test(body)) return { text: '', isPage: true };
  return { text: shorten(errorsIn(body) ?? body.split('\n')[0] ?? ''), isPage: false };
}

function errorsIn(body: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  if (!('errors' in parsed) || !Array.isArray(parsed.errors)) {
    // Token services say `details`, OAuth 2 `error_description`.
    return textsOf(parsed, ['error', 'error_description', 'message', 'details']);
  }
  return parsed.errors.map((error: unknown) => textsOf(error, ['code', 'message'])).join('; ');
}

function textsOf(value: unknown, keys: readonly string[]): string {
  const members = Object.entries(typeof value === 'object' && value !== null ? value : {});
  const found = keys.map((key) => members.find(([name]) => name === key)?.[1] as unknown);
  return found.filter((text) => typeof text === 'string' && text !== '').join(': ');
}

function shorten(text: string): string {
  // It may go to a terminal.
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain;
}
