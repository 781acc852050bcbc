import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { PithError } from '../core/index.ts';
import type { Credentials } from './credentials.ts';
import { createDispatcher } from './proxy.ts';
import { redirectTarget, refused, withoutUserInfo } from './redirect.ts';

/** An answer whose body has not been read yet: read it, or destroy it. */
export interface Answer {
  status: number;
  /** Names in lower case; several values of one name are joined by commas. */
  headers: Readonly<Record<string, string>>;
  body: Readable;
  /** The address that answered, after redirects, without user info. */
  url: string;
}

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

/** One GET request after another over undici, with proxies from the environment, redirects and credentials. */
export class Transport {
  readonly #options: TransportOptions;
  #dispatcher: Promise<Dispatcher> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /**
   * Sends a GET request and follows redirects, at most 8, never from https to http. Each address gets the credentials
   * that belong to it, no others.
   *
   * @throws PithError NETWORK_FAILED for a redirect that is refused; whatever undici throws for a fault of the connection
   */
  async open(address: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { request } = await import('./undici.ts');
    this.#dispatcher ??= createDispatcher(this.#options.env, this.#options.connectTimeout);
    const dispatcher = await this.#dispatcher;
    let url = parseAddress(address);
    for (let redirects = 0; ; redirects++) {
      const authorization = await this.#options.credentials.authorizationFor(url);
      const shown = withoutUserInfo(url);
      const answer = await request(shown, {
        dispatcher,
        headers: {
          'user-agent': 'pith',
          'accept-encoding': 'identity',
          ...headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
        signal: this.#options.signal ?? null,
        headersTimeout: this.#options.stallTimeout,
        bodyTimeout: this.#options.stallTimeout,
      });
      const received = flatten(answer.headers);
      const { location } = received;
      // A body that is destroyed before its end reports that as an error; who reads it gets the error all the same.
      answer.body.on('error', () => undefined);
      if (!REDIRECTS.has(answer.statusCode) || location === undefined)
        return { status: answer.statusCode, headers: received, body: answer.body, url: shown };
      await answer.body.dump();
      if (redirects === MAX_REDIRECTS) throw refused(url, `more than ${MAX_REDIRECTS} redirects`);
      url = redirectTarget(location, url);
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const dispatcher = await this.#dispatcher?.catch(() => undefined);
    this.#dispatcher = undefined;
    await dispatcher?.destroy();
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

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}
