import { open, rm } from 'node:fs/promises';
import { type Digest, Digester, PithError, throwIfInterrupted, toPithError } from '../../core/index.ts';
import { portalError, redirectTarget, refused, type RetryPolicy, withRetries } from '../../http/index.ts';
import { type NpmConfig, proxyFor } from './config.ts';
import { connectionFault, integrityError, statusError } from './errors.ts';

export interface ClientOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: NpmConfig;
  readonly signal?: AbortSignal | undefined;
  readonly onNote: (message: string) => void;
}

/** A registry's document, or that it has not changed. */
export interface DocumentAnswer {
  /** Undefined if the condition holds. */
  readonly document: unknown;
  readonly etag?: string;
}

/** An answer whose body has not been read yet: read it, or close it. */
interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  readonly close: () => void;
}

const MAX_DOCUMENT = 128 << 20;
const MAX_TARBALL = 2 ** 30;
const MAX_REDIRECTS = 8;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Milliseconds until a connection must stand. */
const CONNECT_TIMEOUT = 15_000;
/** What holds where the configuration says nothing: npm's own values (pauses of 10 s and 60 s) are for machines alone. */
const DEFAULTS = { timeout: 30_000, retries: 4, delay: 500 };

/**
 * Requests to registries over npm's own HTTP library, as the npm configuration says: proxies, certificates, retries, and the
 * credentials that belong to an address, to it alone.
 */
export class RegistryClient {
  readonly #options: ClientOptions;
  readonly #policy: RetryPolicy;

  constructor(options: ClientOptions) {
    this.#options = options;
    const { signal, onNote } = options;
    this.#policy = {
      retries: this.#number('fetch-retries', DEFAULTS.retries),
      delay: this.#number('fetch-retry-mintimeout', DEFAULTS.delay),
      maxRetryAfter: 60_000,
      signal,
      onRetry: ({ url, reason, pause }) => {
        onNote(`${reason}; trying ${url} again in ${Math.ceil(pause / 1000)} s`);
      },
    };
    if (options.config.values['strict-ssl'] === false)
      onNote(
        'the certificates of npm registries are not checked: the npm configuration says strict-ssl=false',
      );
  }

  /**
   * Fetches a JSON document.
   * @param registry whose credentials its host gets where it has none of its own
   * @throws PithError NETWORK_FAILED, NETWORK_STATUS (see `statusOf`), NETWORK_CONTENT, INTERRUPTED
   */
  getDocument(address: string, registry: string, etag: string | undefined): Promise<DocumentAnswer> {
    const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) };
    return this.#withRetries(address, async () => {
      const answer = await this.#open(address, registry, headers);
      try {
        const tag = answer.header('etag');
        if (answer.status === 304 && etag !== undefined) return { document: undefined, etag };
        check(answer, address);
        return { document: await readJson(answer, address), ...(tag === undefined ? {} : { etag: tag }) };
      } finally {
        answer.close();
      }
    });
  }

  /**
   * Fetches a file into `to`; what does not have the integrity is removed again.
   * @throws PithError as `getDocument`, and DIGEST_MISMATCH, DISK_FULL
   */
  async download(
    address: string,
    registry: string,
    { integrity, to, onBytes }: { integrity: string; to: string; onBytes: (bytes: number) => void },
  ): Promise<{ digest: Digest; size: number }> {
    let written = 0;
    const attempt = async (): Promise<{ digest: Digest; size: number }> => {
      if (written > 0) onBytes(-written);
      written = 0;
      const answer = await this.#open(address, registry, { accept: '*/*' });
      try {
        check(answer, address);
        return await save(answer, address, integrity, to, (bytes) => {
          written += bytes;
          onBytes(bytes);
        });
      } finally {
        answer.close();
      }
    };
    try {
      return await this.#withRetries(address, attempt, () => written);
    } catch (error) {
      await rm(to, { force: true });
      throw error;
    }
  }

  #withRetries<Result>(
    address: string,
    work: () => Promise<Result>,
    progress?: () => number,
  ): Promise<Result> {
    const attempt = async (): Promise<Result> => {
      try {
        return await work();
      } catch (error) {
        throwIfInterrupted(this.#options.signal);
        throw connectionFault(error, address);
      }
    };
    return withRetries(this.#policy, address, attempt, progress);
  }

  async #open(address: string, registry: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { makeFetchHappen, registryFetch } = await import('./libraries.ts');
    const { config, env, signal } = this.#options;
    const { values } = config;
    let url = new URL(address);
    for (let redirects = 0; ; redirects++) {
      const controller = new AbortController();
      const { token, auth, cert, key } = registryFetch.getAuth(url.href, { ...values, registry });
      const authorization = token === null ? auth && `Basic ${auth}` : `Bearer ${token}`;
      const response = await makeFetchHappen(url.href, {
        headers: { 'user-agent': 'pith', ...headers, ...(authorization === null ? {} : { authorization }) },
        redirect: 'manual',
        retry: { retries: 0 },
        signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
        timeout: this.#number('fetch-timeout', DEFAULTS.timeout),
        timeouts: { connection: CONNECT_TIMEOUT },
        ...proxyFor(url, config, env),
        strictSSL: values['strict-ssl'] !== false,
        ...(config.ca === undefined ? {} : { ca: config.ca }),
        ...optional('cert', cert ?? values['cert']),
        ...optional('key', key ?? values['key']),
        ...optional('localAddress', values['local-address']),
      });
      // A body that is closed before its end reports that as an error; who reads it gets the error all the same.
      response.body.on('error', () => undefined);
      const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
      const close = (): void => {
        controller.abort();
      };
      const location = header('location');
      if (!REDIRECTS.has(response.status) || location === undefined)
        return { status: response.status, header, body: response.body, close };
      close();
      if (redirects === MAX_REDIRECTS) throw refused(url, `more than ${MAX_REDIRECTS} redirects`);
      url = redirectTarget(location, url);
    }
  }

  /** A number of the configuration if somebody has set it. */
  #number(key: string, otherwise: number): number {
    const { config } = this.#options;
    const value = config.values[key];
    return typeof value === 'number' && value >= 0 && config.isSet(key) ? value : otherwise;
  }
}

function optional<Key extends string>(key: Key, value: unknown): Partial<Record<Key, string>> {
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as Record<Key, string>) : {};
}

function check({ status, header }: Answer, address: string): void {
  if (status !== 200) throw statusError(status, address, header('retry-after'));
  if (/^text\/html\b/i.test(header('content-type') ?? '')) throw portalError(address);
}

async function readJson({ body, header }: Answer, address: string): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > MAX_DOCUMENT || Number(header('content-length') ?? 0) > MAX_DOCUMENT)
      throw tooLarge(address, MAX_DOCUMENT);
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (text.trimStart().startsWith('<')) throw portalError(address);
    throw new PithError('NETWORK_CONTENT', `${address} answered with something that is no JSON`, {
      url: address,
      hint: 'Check `registry` in your npm configuration: it has to be the address of an npm registry.',
    });
  }
}

/** Writes the body into a file. @throws DIGEST_MISMATCH if it does not have the integrity */
async function save(
  { body, header }: Answer,
  address: string,
  integrity: string,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<{ digest: Digest; size: number }> {
  const { ssri } = await import('./libraries.ts');
  const hasher = ssri.create({ algorithms: ['sha512'] });
  const digester = new Digester();
  let isPage = false;
  const onMachine = (error: unknown): never => {
    throw toPithError(error);
  };
  const file = await open(to, 'w').catch(onMachine);
  try {
    for await (const piece of body) {
      if (digester.size === 0) isPage = piece[0] === 0x3c;
      hasher.update(piece);
      digester.update(piece);
      if (digester.size > MAX_TARBALL || Number(header('content-length') ?? 0) > MAX_TARBALL)
        throw tooLarge(address, MAX_TARBALL);
      await file.writeFile(piece).catch(onMachine);
      onBytes(piece.length);
    }
  } finally {
    await file.close();
  }
  if (!hasher.digest().match(integrity)) throw isPage ? portalError(address) : integrityError(address);
  return { digest: digester.digest(), size: digester.size };
}

function tooLarge(address: string, limit: number): PithError {
  return new PithError('NETWORK_CONTENT', `${address} is larger than ${limit} bytes`, {
    url: address,
    hint: 'That is not the file that was expected: check `registry` in your npm configuration.',
  });
}
