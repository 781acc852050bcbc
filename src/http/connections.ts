import type { Agent, ClientRequest, IncomingMessage, RequestOptions as NodeOptions } from 'node:http';
import type { Agent as SecureAgent, AgentOptions } from 'node:https';
import { exchange } from './exchange.ts';
import { proxyFor, proxyHeaders, unbracketed } from './proxy.ts';

/** What an answer brings: to be read once, or destroyed. */
export interface AnswerBody extends AsyncIterable<Uint8Array> {
  /** Ends the transfer, and the connection unless everything was read. */
  destroy(): unknown;
}

/** An answer whose body has not been read yet: read it, or destroy it. */
export interface Answer {
  status: number;
  /** Names in lower case; several values of one name are joined by commas. */
  headers: Readonly<Record<string, string>>;
  body: AnswerBody;
  /** The address that answered, without user info. */
  url: string;
}

/** What is trusted on the other side of secure connections, and shown to it. Everything in PEM form. */
export interface TlsSettings {
  /** Certificate authorities, in place of those that Node.js brings. */
  readonly ca?: readonly string[];
  /** The certificates of this side, one of each kind of key at most, and their keys. */
  readonly cert?: readonly string[];
  readonly key?: readonly string[];
  /** Whether a certificate has to be trusted at all; true unless told. */
  readonly verify?: boolean;
}

export interface ConnectionOptions {
  /** Proxies: http_proxy, https_proxy, all_proxy, no_proxy. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a connection must stand. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte after which a transfer counts as stalled. */
  readonly stallTimeout: number;
  readonly tls?: TlsSettings | undefined;
}

export interface RequestOptions {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes to send. A stream goes with a `content-length`; an error in it ends the request and is thrown. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Milliseconds until an answer begins once everything is sent; the time for silence unless told. */
  readonly answerTimeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of an unwanted body that are read for the sake of the connection. */
const LARGEST_REST = 128 * 1024;

/** Requests over connections that are kept open, through the proxies of the environment. */
export class Connections {
  readonly #options: ConnectionOptions;
  /** One for each protocol and proxy. */
  readonly #agents = new Map<string, Promise<Agent | SecureAgent>>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Sends one request, without credentials, redirects or a second try of its own.
   *
   * @param url an http or https address; user info in it is not used
   * @throws an error with a code for a fault of the connection (`networkError` says what it means)
   */
  async send(url: URL, options: RequestOptions): Promise<Answer> {
    const { env, connectTimeout, stallTimeout } = this.#options;
    const { method, headers, body, signal, answerTimeout = stallTimeout } = options;
    const proxy = proxyFor(url, env);
    const target = {
      method,
      headers,
      ...(proxy && url.protocol === 'http:' ? byProxy(url, proxy) : directly(url)),
    };
    const isSecure = target.protocol === 'https:';
    const agent = await this.#agentFor(url, proxy);
    const { request } = await (isSecure ? import('node:https') : import('node:http'));
    const open = (): ClientRequest =>
      request({ ...target, headers: { ...headers, ...target.headers }, agent });
    const patience = { connectTimeout, stallTimeout, answerTimeout };
    const { response, body: answerBody } = await exchange(open, body, { isSecure, patience, signal });
    if (proxy && response.statusCode === 407) {
      answerBody.destroy();
      throw new Error('Proxy Authentication Required');
    }
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    return {
      status: response.statusCode ?? 0,
      headers: flatten(response.headers),
      body: answerBody,
      url: bare.href,
    };
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    for (const agent of agents) (await agent).destroy();
  }

  #agentFor(url: URL, proxy: URL | undefined): Promise<Agent | SecureAgent> {
    const key = `${url.protocol} ${proxy?.href ?? ''}`;
    const agent = this.#agents.get(key) ?? this.#createAgent(url, proxy);
    this.#agents.set(key, agent);
    return agent;
  }

  async #createAgent(url: URL, proxy: URL | undefined): Promise<Agent | SecureAgent> {
    if (url.protocol === 'http:') {
      const isSecureProxy = proxy?.protocol === 'https:';
      const { Agent } = await (isSecureProxy ? import('node:https') : import('node:http'));
      return new Agent({ keepAlive: true });
    }
    const options = await secureOptions(this.#options.tls);
    if (proxy) {
      const { TunnelAgent } = await import('./tunnel.ts');
      return new TunnelAgent(proxy, this.#options.connectTimeout, options);
    }
    const { Agent } = await import('node:https');
    return new Agent(options);
  }
}

/** Reads what is left of an answer that nobody wants, so that its connection serves again; one that goes on is cut off. */
export async function drain({ body }: Answer): Promise<void> {
  let size = 0;
  try {
    for await (const piece of body) if ((size += piece.length) > LARGEST_REST) break;
  } catch {
    // Nobody waits for it.
  }
}

type Target = Pick<NodeOptions, 'protocol' | 'host' | 'port' | 'path'> & {
  readonly headers?: Readonly<Record<string, string>>;
};

function directly({ protocol, hostname, port, pathname, search }: URL): Target {
  return { protocol, host: unbracketed(hostname), port, path: pathname + search };
}

/** Plain requests go to the proxy as such: caching proxies refuse to tunnel to port 80. */
function byProxy(url: URL, proxy: URL): Target {
  const headers = { host: url.host, ...proxyHeaders(proxy) };
  const path = `http://${url.host}${url.pathname}${url.search}`;
  return { protocol: proxy.protocol, host: unbracketed(proxy.hostname), port: proxy.port, path, headers };
}

/** The authorities are read once, and not for each connection. */
async function secureOptions(settings: TlsSettings | undefined): Promise<AgentOptions> {
  if (!settings) return { keepAlive: true };
  const { ca, cert, key, verify = true } = settings;
  const { createSecureContext } = await import('node:tls');
  const secureContext = createSecureContext({
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(cert === undefined ? {} : { cert: [...cert] }),
    ...(key === undefined ? {} : { key: [...key] }),
  });
  return { keepAlive: true, secureContext, rejectUnauthorized: verify };
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}
