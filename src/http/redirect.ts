import { PithError } from '../core/index.ts';

/**
 * The address that a redirect leads to. The user info of an address goes on to the same origin only.
 *
 * @throws PithError NETWORK_FAILED for an address that is not http or https, and for one from https to http
 */
export function redirectTarget(location: string, from: URL): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:')
    throw refused(from, `a redirect to ${JSON.stringify(location)}`);
  if (from.protocol === 'https:' && target.protocol === 'http:')
    throw refused(from, `a redirect from https to http (${withoutUserInfo(target)})`);
  if (target.origin === from.origin && target.username === '') {
    target.username = from.username;
    target.password = from.password;
  }
  return target;
}

/** The error for a redirect that is not followed. */
export function refused(from: URL, what: string): PithError {
  const url = withoutUserInfo(from);
  return new PithError('NETWORK_FAILED', `${url}: refused ${what}`, {
    url,
    hint: 'Use the address of the server that has the file.',
  });
}

export function withoutUserInfo(url: URL): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}
