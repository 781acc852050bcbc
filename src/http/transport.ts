import { PithError } from '../core/index.ts';
import { Connections, drain, type Answer } from './connections.ts';
import type { Credentials } from './credentials.ts';
import { redirectTarget, refused, withoutUserInfo } from './redirect.ts';

export interface TransportOptions {
  env: Readonly<Record<string, string | undefined>>;
  credentials: Credentials;
  /** Milliseconds until a connection must stand. */
  connectTimeout: number;
  /** Milliseconds without a byte after which a transfer counts as stalled. */
  stallTimeout: number;
  signal?: AbortSignal | undefined;
}

const MAX_REDIRECTS = 8;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** One GET request after another, with redirects and credentials. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #connections: Connections;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#connections = new Connections(options);
  }

  /**
   * Sends a GET request and follows redirects, at most 8, never from https to http. Each address gets the credentials
   * that belong to it, no others.
   *
   * @throws PithError NETWORK_FAILED for a redirect that is refused; whatever `Connections` throw
   */
  async open(address: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { credentials, signal } = this.#options;
    let url = parseAddress(address);
    for (let redirects = 0; ; redirects++) {
      const authorization = await credentials.authorizationFor(url);
      const answer = await this.#connections.send(new URL(withoutUserInfo(url)), {
        method: 'GET',
        headers: {
          'user-agent': 'pith',
          'accept-encoding': 'identity',
          ...headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
        signal,
      });
      const { location } = answer.headers;
      if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
      await drain(answer);
      if (redirects === MAX_REDIRECTS) throw refused(url, `more than ${MAX_REDIRECTS} redirects`);
      url = redirectTarget(location, url);
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new PithError('NETWORK_FAILED', `not an address that can be fetched: ${address}`, {
    url: address,
    hint: 'Addresses begin with http://, https:// or file://.',
  });
}
