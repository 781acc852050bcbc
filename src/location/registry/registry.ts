import { Once, PithError } from '../../core/index.ts';
import {
  Connections,
  drain,
  redirectTarget,
  withRetries,
  type Answer,
  type ConnectionOptions,
  type RequestOptions,
  type RetryPolicy,
} from '../../http/index.ts';
import { Authorization, type Access, type TokenRequest } from './authorization.ts';
import { parseChallenges } from './challenge.ts';
import { createHelperRunner } from './auth/run-helper.ts';
import { AuthFiles } from './auth/source.ts';
import type { CredentialSource } from './credentials.ts';
import { findEndpoint, isLoopback, type Endpoint } from './endpoint.ts';
import { hostOf } from './reference.ts';
import { refusalOf } from './refusal.ts';
import type { ReadContext, RegistrySettings } from './settings.ts';
import { requestToken } from './token.ts';

export interface RegistryRequest extends Access {
  readonly method: RequestOptions['method'];
  /** A path below `/v2/` with its query, or an address that the registry gave. */
  readonly to: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes to send, anew at each try. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Statuses that are no failure. */
  readonly expect: readonly number[];
  /** Whether the registry has to work on it before it can answer. */
  readonly isWork?: boolean;
  /** Ends the request; the context's signal unless told. */
  readonly signal?: AbortSignal | undefined;
}

const MAX_REDIRECTS = 8;
const COMMON_HEADERS = { 'user-agent': 'pith', 'accept-encoding': 'identity' };

/** One registry: how it is reached, who we are to it, and how often it is asked. Made once for a run. */
export class Registry {
  /** As references have it: `docker.io`. */
  readonly name: string;
  readonly settings: RegistrySettings;
  readonly policy: RetryPolicy;
  readonly #environment: ReadContext['environment'];
  readonly #authorization: Authorization;
  readonly #endpoint = new Once<Endpoint>();
  /** To the other hosts that it sends us to. */
  readonly #elsewhere: Connections;
  /** For errors, until it has answered. */
  #base: URL;

  constructor(name: string, context: ReadContext) {
    const { environment, registry: settings = {}, signal } = context;
    const { onRetry } = settings;
    this.name = name;
    this.settings = settings;
    this.#environment = environment;
    this.policy = {
      retries: settings.retries ?? 4,
      delay: settings.retryDelay ?? 500,
      maxRetryAfter: settings.maxRetryAfter ?? 60_000,
      signal,
      ...(onRetry ? { onRetry } : {}),
    };
    this.#base = new URL(`${isLoopback(hostOf(name)) ? 'http' : 'https'}://${hostOf(name)}/`);
    this.#elsewhere = new Connections({
      ...this.#connectionOptions(),
      ...(settings.insecure ? { tls: { verify: false } } : {}),
    });
    this.#authorization = new Authorization(name, credentialsOf(context), this.#requestToken);
  }

  /**
   * Looks whether it is a registry, and whether it takes the credentials.
   * @returns whether we are known to it, as far as it wants to know
   * @throws as send
   */
  async check(access: Access): Promise<'known' | 'guest'> {
    return await withRetries(this.policy, this.#addressOf(''), async () => {
      await this.#connect();
      await this.#authorization.header(access);
      return (await this.#authorization.isGuest(access)) ? 'guest' : 'known';
    });
  }

  /**
   * Sends a request and reads the answer, again where that may help, with what the registry wants to know of us, and
   * follows redirects. Credentials go to the registry and its token service only.
   * @param read takes what it needs of an answer; the rest is thrown away
   * @throws REGISTRY_…, UNKNOWN_IMAGE, NETWORK_…, INTERRUPTED, and what `body` and `read` throw
   */
  async send<Result>(
    request: RegistryRequest,
    read: (answer: Answer) => Promise<Result> | Result,
  ): Promise<Result> {
    const policy = { ...this.policy, signal: request.signal ?? this.policy.signal };
    return await withRetries(policy, this.#addressOf(request.to), async () => {
      const answer = await this.sendOnce(request);
      try {
        const result = await read(answer);
        await drain(answer);
        return result;
      } finally {
        answer.body.destroy();
      }
    });
  }

  /** As send, with one try: a fault that may pass is thrown as it is, and the answer is still to be read. */
  async sendOnce(request: RegistryRequest): Promise<Answer> {
    const { base, connections } = await this.#connect();
    let url = typeof request.to === 'string' ? new URL(`v2/${request.to}`, base) : request.to;
    let isRenewed = false;
    let redirects = 0;
    for (;;) {
      const isOwn = url.origin === base.origin;
      const authorization = isOwn ? await this.#authorization.header(request) : undefined;
      const to = isOwn ? connections : this.#elsewhere;
      const answer = await to.send(url, this.#optionsOf(request, authorization));
      if (request.expect.includes(answer.status)) return answer;
      if (answer.status === 401 && isOwn && !isRenewed) {
        isRenewed = true;
        const challenges = parseChallenges(answer.headers['www-authenticate'] ?? '');
        if (await this.#authorization.renew(authorization, request, challenges)) {
          await drain(answer);
          continue;
        }
      }
      const { location } = answer.headers;
      if (
        location === undefined ||
        !isFollowed(answer.status, request.method) ||
        redirects++ === MAX_REDIRECTS
      )
        throw await refusalOf(
          answer,
          request,
          isOwn ? (status, said) => this.#authorization.refusal(request, status, said) : undefined,
        );
      await drain(answer);
      url = redirectTarget(location, url);
    }
  }

  /**
   * The address that an answer gives for what follows.
   * @param from the address that answered
   * @throws REGISTRY_INVALID, and NETWORK_FAILED for an address that leads from https to http
   */
  addressIn({ location = '' }: Answer['headers'], from: string): URL {
    if (location === '' || !URL.canParse(location, from))
      throw new PithError('REGISTRY_INVALID', `${this.name} gave no address to go on with`, { url: from });
    const url = new URL(location, from);
    // Behind a proxy that ends TLS, registries often take themselves for plain http, and leave out the port.
    const base = this.#base;
    if (base.protocol === 'https:' && url.protocol === 'http:' && url.hostname === base.hostname) {
      url.protocol = base.protocol;
      url.port = base.port;
    }
    return redirectTarget(url.href, new URL(from));
  }

  async #connect(): Promise<Endpoint> {
    return await this.#endpoint.do('', async () => {
      const { insecure = false, certificates } = this.settings;
      const endpoint = await findEndpoint({
        registry: this.name,
        host: hostOf(this.name),
        insecure,
        certificates,
        connection: this.#connectionOptions(),
        signal: this.policy.signal,
      });
      this.#base = endpoint.base;
      this.#authorization.challenge(endpoint.challenges);
      return endpoint;
    });
  }

  readonly #requestToken: TokenRequest = async (challenge, credential, scopes) => {
    const { base, connections } = await this.#connect();
    const { signal } = this.policy;
    return await requestToken(challenge, credential, scopes, {
      asked: { registry: this.name, purpose: 'a token' },
      isSecure: base.protocol === 'https:' && this.settings.insecure !== true,
      send: (url, options) =>
        (url.origin === base.origin ? connections : this.#elsewhere).send(url, {
          ...options,
          headers: { ...COMMON_HEADERS, ...options.headers },
          signal,
        }),
    });
  };

  #optionsOf(request: RegistryRequest, authorization: string | undefined): RequestOptions {
    const { method, headers, body, isWork = false, signal = this.policy.signal } = request;
    const { answerTimeout = 300_000 } = this.settings;
    return {
      method,
      headers: { ...COMMON_HEADERS, ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(body === undefined ? {} : { body: typeof body === 'function' ? body() : body }),
      ...(isWork ? { answerTimeout } : {}),
      signal,
    };
  }

  #connectionOptions(): Omit<ConnectionOptions, 'tls'> {
    const { connectTimeout = 15_000, stallTimeout = 30_000 } = this.settings;
    return { env: withoutOwnMachine(this.#environment), connectTimeout, stallTimeout };
  }

  #addressOf(to: string | URL): string {
    return typeof to === 'string' ? new URL(`v2/${to}`, this.#base).href : to.href;
  }
}

/** A proxy does not reach this machine, whatever no_proxy says: so do Docker, podman and others. */
function withoutOwnMachine(environment: ReadContext['environment']): ReadContext['environment'] {
  const told = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
  return { ...environment, no_proxy: `${told},localhost,127.0.0.0/8,::1` };
}

function credentialsOf({ environment, signal, registry = {} }: ReadContext): CredentialSource {
  const { credentials, authFile, uid } = registry;
  const runHelper = createHelperRunner({ environment, signal });
  return credentials ?? new AuthFiles({ environment, authFile, uid, runHelper });
}

/** Only 307 and 308 keep the method and the body (RFC 9110, 15.4). */
function isFollowed(status: number, method: RequestOptions['method']): boolean {
  if (status === 307 || status === 308) return true;
  return [301, 302, 303].includes(status) && (method === 'GET' || method === 'HEAD');
}
