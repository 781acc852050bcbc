import { PithError } from '../core/index.ts';
import type { Answer } from './connections.ts';
import { Credentials, machineFiles, type CredentialFiles } from './credentials.ts';
import { download, type DownloadRequest } from './download.ts';
import { portalError, statusError } from './errors.ts';
import { isFileUrl, openFile } from './file.ts';
import { withRetries, type RetryEvent, type RetryPolicy } from './retry.ts';
import { Transport } from './transport.ts';

export interface HttpOptions {
  /** Proxies (http_proxy, https_proxy, all_proxy, no_proxy), NETRC and HOME. */
  env: Readonly<Record<string, string | undefined>>;
  /** How netrc and apt's auth files are read; the machine's files unless told. */
  files?: CredentialFiles;
  /** Every request over the network is refused. */
  offline?: boolean;
  /** Tries after the first one; 4 unless told. */
  retries?: number;
  /** The first pause between tries in milliseconds, doubled each time; 500 unless told. */
  retryDelay?: number;
  /** A server that asks to wait longer (milliseconds) is not waited for; 60 s unless told. */
  maxRetryAfter?: number;
  /** Milliseconds until a connection must stand; 15 s unless told. */
  connectTimeout?: number;
  /** Milliseconds without a byte after which a transfer counts as stalled; 30 s unless told. */
  stallTimeout?: number;
  /** Ends all requests and pauses. */
  signal?: AbortSignal;
  onRetry?: (event: RetryEvent) => void;
}

export interface GetOptions {
  ifNoneMatch?: string | undefined;
  ifModifiedSince?: string | undefined;
  /** A larger document is refused. */
  maxBytes: number;
  /** Fewer tries after the first one than the client makes otherwise. */
  retries?: number;
}

export interface HttpResponse {
  /** 200, or 304 if a condition was given and holds. */
  status: 200 | 304;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Empty for 304. */
  body: Uint8Array;
}

/** Fetches documents and files over http, https and file addresses. */
export interface Http {
  readonly offline: boolean;
  /**
   * Fetches a small document.
   *
   * @throws PithError NETWORK_FAILED, NETWORK_STATUS (see `statusOf`), NETWORK_CONTENT, OFFLINE, INTERRUPTED
   */
  get(url: string, options: GetOptions): Promise<HttpResponse>;
  /**
   * Fetches a file of known size and digest into `to` and gives the address that had it.
   *
   * @throws PithError as `get`, and DIGEST_MISMATCH, DISK_FULL
   */
  download(request: DownloadRequest): Promise<string>;
  /** Closes the connections that are kept open. */
  close(): Promise<void>;
}

/** Makes the one client that a run uses. The HTTP library is loaded at the first request. */
export function createHttp(options: HttpOptions): Http {
  const { offline = false, signal } = options;
  const transport = new Transport({
    env: options.env,
    credentials: new Credentials(options.env, options.files ?? machineFiles),
    connectTimeout: options.connectTimeout ?? 15_000,
    stallTimeout: options.stallTimeout ?? 30_000,
    signal,
  });
  const policy: RetryPolicy = {
    retries: options.retries ?? 4,
    delay: options.retryDelay ?? 500,
    maxRetryAfter: options.maxRetryAfter ?? 60_000,
    signal,
    ...(options.onRetry ? { onRetry: options.onRetry } : {}),
  };
  const openAddress = async (url: string, headers: Readonly<Record<string, string>>): Promise<Answer> => {
    if (isFileUrl(url)) return openFile(url);
    if (offline) throw offlineError(url);
    return transport.open(url, headers);
  };

  return {
    offline,
    get: (url, getOptions) =>
      withRetries(withLess(policy, getOptions.retries), url, async () => {
        const answer = await openAddress(url, conditions(getOptions));
        try {
          return await readDocument(answer, url, getOptions);
        } finally {
          answer.body.destroy();
        }
      }),
    download: (request) => {
      const usable = offline ? request.urls.filter(isFileUrl) : request.urls;
      const [first] = request.urls;
      if (usable.length === 0 && first !== undefined) return Promise.reject(offlineError(first));
      return download({ ...request, urls: usable }, openAddress, policy);
    },
    close: () => transport.close(),
  };
}

function withLess(policy: RetryPolicy, retries: number | undefined): RetryPolicy {
  return retries === undefined ? policy : { ...policy, retries: Math.min(retries, policy.retries) };
}

function conditions({ ifNoneMatch, ifModifiedSince }: GetOptions): Record<string, string> {
  return {
    ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
    ...(ifModifiedSince === undefined ? {} : { 'if-modified-since': ifModifiedSince }),
  };
}

async function readDocument(answer: Answer, url: string, options: GetOptions): Promise<HttpResponse> {
  const { status, headers } = answer;
  const conditional = options.ifNoneMatch !== undefined || options.ifModifiedSince !== undefined;
  if (status === 304 && conditional) return { status, headers, body: new Uint8Array() };
  if (status !== 200) throw statusError(status, headers, answer.url, Date.now());
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) throw portalError(url);
  if (Number(headers['content-length'] ?? 0) > options.maxBytes) throw tooLarge(url, options.maxBytes);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > options.maxBytes) throw tooLarge(url, options.maxBytes);
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  if (body.subarray(0, 256).toString('latin1').trimStart().startsWith('<')) throw portalError(url);
  return { status, headers, body };
}

function tooLarge(url: string, maxBytes: number): PithError {
  return new PithError('NETWORK_CONTENT', `${url} is larger than ${maxBytes} bytes`, {
    url,
    hint: 'Check the address: this is not the document that was expected.',
  });
}

function offlineError(url: string): PithError {
  return new PithError('OFFLINE', `${url} would have to be fetched, but --offline is set`, {
    url,
    hint: 'Run the command once without --offline; what it fetches stays in the cache.',
  });
}
