import { PithError, systemCode, type ErrorDetails } from '../core/index.ts';

/** A server's answer that is no success (code NETWORK_STATUS). */
export class HttpStatusError extends PithError {
  /** The HTTP status; 404 also stands for a missing file of a `file:` address. */
  readonly status: number;
  /** What the server asks to wait before the next try, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, details: ErrorDetails & { retryAfter?: number | undefined }) {
    super('NETWORK_STATUS', message, details);
    this.status = status;
    this.retryAfter = details.retryAfter;
  }
}

/** The HTTP status that an error carries, undefined if it is about something else. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof HttpStatusError ? error.status : undefined;
}

/** Whether an error says that the address has no such document (404 Not Found, 410 Gone). */
export function isNotFound(error: unknown): boolean {
  const status = statusOf(error);
  return status === 404 || status === 410;
}

const STATUS_HINTS: Readonly<Record<number, string>> = {
  401: 'The server wants credentials: put them into ~/.netrc or /etc/apt/auth.conf.d/.',
  403: 'The server refuses: check the credentials, or that the address is right.',
  404: 'The address may be wrong, or the file was removed there: choose another mirror.',
  407: 'The proxy wants credentials: put USER:PASSWORD@ before the host in its address.',
  429: 'The server asks to slow down: wait a while, or choose another mirror.',
};

/** The error for an answer that is no success. */
export function statusError(
  status: number,
  headers: Readonly<Record<string, string>>,
  url: string,
  now: number,
): PithError {
  if (status === 511)
    return new PithError('NETWORK_CONTENT', `${url} answered 511: the network wants a log-in first`, {
      url,
      hint: PORTAL_HINT,
    });
  return new HttpStatusError(status, `${url} answered ${status}`, {
    url,
    hint:
      STATUS_HINTS[status] ??
      (status >= 500 ? 'The server has a fault: try later or choose another mirror.' : 'Check the address.'),
    retryAfter: retryAfterOf(headers['retry-after'], now),
  });
}

const PORTAL_HINT =
  'A captive portal or a proxy may answer in the server’s place: open a page in a browser, or check the address.';

/** The error for a page where a file was expected. */
export function portalError(url: string): PithError {
  return new PithError('NETWORK_CONTENT', `${url} answered with an HTML page instead of the file`, {
    url,
    hint: PORTAL_HINT,
  });
}

/** Retry-After (RFC 9110, 10.2.3): seconds or a date. */
export function retryAfterOf(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Codes of faults that the machine has none for. */
export const CONNECT_TIMEOUT = 'PITH_CONNECT_TIMEOUT';
export const NO_ANSWER = 'PITH_NO_ANSWER';
export const STALLED = 'PITH_STALLED';
export const BROKEN_OFF = 'PITH_BROKEN_OFF';
export const TUNNEL_BROKEN = 'PITH_TUNNEL_BROKEN';

/** An error with a code, as the machine's own errors have one. */
export function fault(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code });
}

const CONNECTION = 'Check the network and, if this machine needs one, the proxy (http_proxy, https_proxy).';
const AGAIN = 'Try again, or choose another mirror.';
const FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  ENOTFOUND: ['the host name cannot be resolved', CONNECTION],
  EAI_AGAIN: ['the host name cannot be resolved at the moment', CONNECTION],
  ECONNREFUSED: ['the connection was refused', CONNECTION],
  EHOSTUNREACH: ['the host cannot be reached', CONNECTION],
  ENETUNREACH: ['the network cannot be reached', CONNECTION],
  ECONNRESET: ['the connection broke off', AGAIN],
  EPIPE: ['the connection broke off', AGAIN],
  [BROKEN_OFF]: ['the connection broke off', AGAIN],
  ETIMEDOUT: ['the connection timed out', CONNECTION],
  [CONNECT_TIMEOUT]: ['the connection timed out', CONNECTION],
  [NO_ANSWER]: ['the server does not answer', AGAIN],
  [STALLED]: ['the transfer stalled', AGAIN],
  [TUNNEL_BROKEN]: [
    'the proxy gives no connection',
    'Check that the proxy (https_proxy) is right and lets this host through.',
  ],
};

/** Whether trying again may help: the connection failed, broke or stalled. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return code !== 'ENOTFOUND' && code in FAULTS;
}

/** Whether the certificate of a server is not trusted, is not its own, or is out of date. */
export function isUntrusted(error: unknown): boolean {
  return /^(?:CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(codeOf(error));
}

/** Turns what a request threw into a PithError; one that is a PithError already stays. */
export function networkError(error: unknown, url: string): PithError {
  if (error instanceof PithError) return error;
  const code = codeOf(error);
  const known = FAULTS[code];
  if (known) return failed(url, known[0], known[1], error);
  const message = plainMessage(error instanceof Error ? error.message : String(error));
  if (/Proxy Authentication Required/i.test(message))
    return failed(url, 'the proxy wants credentials (407)', STATUS_HINTS[407] ?? CONNECTION, error);
  if (isUntrusted(error) || /^(?:ERR_SSL_|EPROTO$)/.test(code))
    return failed(
      url,
      `no secure connection: ${message}`,
      'If your organisation has its own certificate authority, name its file in NODE_EXTRA_CA_CERTS.',
      error,
    );
  return failed(url, message, CONNECTION, error);
}

/** One line; of OpenSSL's errors what they are about, without where in its sources they come from. */
function plainMessage(message: string): string {
  const reason = /^(?:(?:read|write) EPROTO )?[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(
    message,
  )?.[1];
  return (reason ?? message).replace(/\s+/g, ' ').trim();
}

function failed(url: string, why: string, hint: string, cause: unknown): PithError {
  return new PithError('NETWORK_FAILED', `${url}: ${why}`, { url, hint, cause });
}

/** The code of an error, or of the first of those that it gathers (an attempt for each address of a host). */
function codeOf(error: unknown): string {
  const own = systemCode(error);
  if (own !== undefined) return own;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined) return codeOf(error.cause);
  return '';
}
