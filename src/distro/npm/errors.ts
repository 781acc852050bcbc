import { PithError, systemCode } from '../../core/index.ts';
import { HttpStatusError } from '../../http/index.ts';

const CREDENTIALS = 'log in to it (`npm login`), or give its token in your .npmrc (`//HOST/:_authToken=…`)';
const STATUS_HINTS: Readonly<Record<number, string>> = {
  401: `The registry wants credentials: ${CREDENTIALS}; a token may have expired.`,
  403: `The registry refuses: check that your account may read the package, or ${CREDENTIALS}.`,
  404: 'Check `registry` in your npm configuration (`npm config get registry`).',
  407: 'The proxy wants credentials: put USER:PASSWORD@ before the host in its address.',
  429: 'The registry asks to slow down: wait a while.',
};

/** The error for an answer of a registry that is no success. */
export function statusError(status: number, address: string, retryAfter?: string): HttpStatusError {
  const who = status === 407 ? 'the proxy' : 'the npm registry';
  return new HttpStatusError(status, `${who} answered ${status} for ${address}`, {
    url: address,
    hint:
      STATUS_HINTS[status] ??
      (status >= 500
        ? 'The registry has a fault: try later, or set another `registry` in your npm configuration.'
        : 'Check `registry` in your npm configuration (`npm config get registry`).'),
    retryAfter: /^[0-9]{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : undefined,
  });
}

/** Faults of a connection by npm's codes, as the codes of the HTTP client. */
const FAULTS: Readonly<Record<string, string>> = {
  ECONNECTIONTIMEOUT: 'ETIMEDOUT',
  EIDLETIMEOUT: 'PITH_STALLED',
  ERESPONSETIMEOUT: 'PITH_NO_ANSWER',
  'request-timeout': 'PITH_NO_ANSWER',
  ERR_STREAM_PREMATURE_CLOSE: 'ECONNRESET',
};
const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$)/;

/**
 * What npm's libraries threw, in a form that says whether trying again may help: an error with a code, or a PithError.
 * It keeps nothing of the original, which may hold the request with its credentials.
 */
export function connectionFault(error: unknown, address: string): Error {
  if (error instanceof PithError) return error;
  const own = systemCode(error) ?? '';
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  const code = FAULTS[own] ?? FAULTS[type] ?? own;
  const said = error instanceof Error ? error.message : String(error);
  const message = said.replace(/^request to \S+ failed, reason: /, '');
  if (code === 'EINVALIDPROXY')
    return new PithError('NETWORK_FAILED', `${address}: the address of the proxy is not usable`, {
      url: address,
      hint: 'Check `proxy` and `https-proxy` of your npm configuration: they look like http://host:port.',
    });
  if (TLS.test(code))
    return new PithError('NETWORK_FAILED', `${address}: no secure connection: ${message}`, {
      url: address,
      hint: 'If your organisation has its own certificate authority, name its file as `cafile` in your .npmrc.',
    });
  return Object.assign(new Error(message), code === '' ? {} : { code });
}

/** The error for a tarball that is not what its integrity says. */
export function integrityError(address: string): PithError {
  return new PithError('DIGEST_MISMATCH', `${address} is not what its integrity says; it was not kept`, {
    url: address,
    hint: 'The registry or a proxy before it serves a changed file: do not use it before you know why.',
  });
}
