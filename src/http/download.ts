import { open, rm, type FileHandle } from 'node:fs/promises';
import { Digester, PithError, toPithError, type Digest } from '../core/index.ts';
import { BROKEN_OFF, fault, HttpStatusError, portalError, statusError } from './errors.ts';
import { withRetries, type RetryPolicy } from './retry.ts';
import type { Answer } from './connections.ts';

export interface DownloadRequest {
  /** Addresses that offer the file, tried in this order. */
  urls: readonly string[];
  /** Where the file goes; it is made or overwritten, and removed on failure. */
  to: string;
  /** Bytes that the file must have. */
  size: number;
  digest: Digest;
  /** Called for every piece that is written with its bytes, and with a negative number when bytes are thrown away. */
  onBytes?: (bytes: number) => void;
}

export type Opener = (url: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;

/**
 * Downloads a file and verifies its size and digest. A transfer that breaks goes on where it stopped; an address that
 * fails is followed by the next. A file that is complete but wrong is an error at once: no other address is asked.
 *
 * @returns the address that had the file
 * @throws PithError NETWORK_FAILED, NETWORK_STATUS, NETWORK_CONTENT, DIGEST_MISMATCH, DISK_FULL, INTERRUPTED
 */
export async function download(
  request: DownloadRequest,
  opener: Opener,
  policy: RetryPolicy,
): Promise<string> {
  const target = await Target.create(request);
  const failures: PithError[] = [];
  try {
    for (const url of request.urls) {
      // Where there is another address, a dead one is not worth many tries.
      const isLast = url === request.urls.at(-1);
      const patience = isLast ? policy : { ...policy, retries: Math.min(1, policy.retries) };
      try {
        await withRetries(
          patience,
          url,
          () => transfer(url, target, opener),
          () => target.written,
        );
        await target.finish();
        return url;
      } catch (error) {
        const failure = toPithError(error);
        if (!failure.code.startsWith('NETWORK_')) throw failure;
        failures.push(failure);
        await target.restart();
      }
    }
    throw summaryOf(failures, request.urls);
  } catch (error) {
    await target.discard();
    throw error;
  }
}

/** The file under way. */
class Target {
  readonly request: DownloadRequest;
  readonly #file: FileHandle;
  #digester = new Digester();
  /** ETag or date of the version that the bytes so far belong to. */
  validator: string | undefined;
  /** Whether bytes of several answers were put together. */
  joined = false;

  private constructor(request: DownloadRequest, file: FileHandle) {
    this.request = request;
    this.#file = file;
  }

  static async create(request: DownloadRequest): Promise<Target> {
    try {
      return new Target(request, await open(request.to, 'w'));
    } catch (error) {
      throw toPithError(error);
    }
  }

  get written(): number {
    return this.#digester.size;
  }

  get digest(): Digest {
    return this.#digester.digest();
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      let offset = 0;
      while (offset < bytes.length)
        offset += (await this.#file.write(bytes, offset, bytes.length - offset, this.written + offset))
          .bytesWritten;
    } catch (error) {
      throw toPithError(error);
    }
    this.#digester.update(bytes);
    this.request.onBytes?.(bytes.length);
  }

  async restart(): Promise<void> {
    if (this.written > 0) this.request.onBytes?.(-this.written);
    this.#digester = new Digester();
    this.validator = undefined;
    this.joined = false;
    await this.#file.truncate(0);
  }

  async finish(): Promise<void> {
    await this.#file.close();
  }

  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.request.to, { force: true });
  }
}

async function transfer(url: string, target: Target, opener: Opener): Promise<void> {
  await receive(url, target, opener);
  if (target.digest === target.request.digest) return;
  if (target.joined) {
    // The file may have changed between the parts.
    await target.restart();
    await receive(url, target, opener);
    if (target.digest === target.request.digest) return;
  }
  throw mismatch(url, target, `its digest is ${target.digest}`);
}

/** Receives what is still missing. */
async function receive(url: string, target: Target, opener: Opener): Promise<void> {
  const { size } = target.request;
  if (target.written === size && size > 0) return;
  let answer = await opener(url, rangeHeaders(target));
  if (target.written > 0) {
    if (answer.status === 206 && continues(answer, target)) {
      target.joined = true;
    } else if (answer.status === 206 || answer.status === 416) {
      answer.body.destroy();
      await target.restart();
      answer = await opener(url, {});
    } else if (answer.status === 200) {
      await target.restart();
    }
  }
  try {
    check(answer, url, target);
    target.validator ??= validatorOf(answer);
    await store(answer, url, target);
  } finally {
    answer.body.destroy();
  }
}

function check(answer: Answer, url: string, target: Target): void {
  if (answer.status !== 200 && !(answer.status === 206 && target.joined))
    throw statusError(answer.status, answer.headers, answer.url, Date.now());
  if (/^text\/html\b/i.test(answer.headers['content-type'] ?? '')) throw portalError(url);
}

async function store(answer: Answer, url: string, target: Target): Promise<void> {
  const { size } = target.request;
  const announced = answer.headers['content-length'];
  const total = announced === undefined ? undefined : Number(announced) + target.written;
  const start = target.written;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    const fits = (total === undefined || total === size) && target.written + piece.length <= size;
    if (!fits) {
      const isPage = target.written === 0 && piece[0] === 0x3c;
      throw isPage ? portalError(url) : mismatch(url, target, `it has ${total ?? 'more'} bytes`);
    }
    await target.append(piece);
  }
  if (total !== undefined && total !== size && target.written === start)
    throw mismatch(url, target, `it has ${total} bytes`);
  if (target.written < size) throw fault(BROKEN_OFF, 'the answer ended early');
}

function rangeHeaders(target: Target): Record<string, string> {
  if (target.written === 0) return {};
  const range = `bytes=${target.written}-`;
  return target.validator === undefined ? { range } : { range, 'if-range': target.validator };
}

/** Only a strong validator may stand in If-Range (RFC 9110, 13.1.5). */
function validatorOf(answer: Answer): string | undefined {
  const { etag } = answer.headers;
  return etag === undefined || etag.startsWith('W/') ? answer.headers['last-modified'] : etag;
}

function continues(answer: Answer, target: Target): boolean {
  const [, start, total] =
    /^bytes ([0-9]+)-[0-9]+\/([0-9]+|\*)$/.exec(answer.headers['content-range'] ?? '') ?? [];
  return Number(start) === target.written && (total === '*' || Number(total) === target.request.size);
}

function mismatch(url: string, { request }: Target, why: string): PithError {
  return new PithError(
    'DIGEST_MISMATCH',
    `${url} is not the file that was asked for: ${why}, not ${request.size} bytes with ${request.digest}`,
    {
      url,
      hint: 'The mirror is being updated or serves a changed file: try later, or choose another mirror.',
    },
  );
}

/** One error for all addresses: the first that is more than "not there" says most. */
function summaryOf(failures: readonly PithError[], urls: readonly string[]): PithError {
  const telling =
    failures.find((failure) => !(failure instanceof HttpStatusError) || failure.status >= 500) ?? failures[0];
  if (!telling)
    return new PithError('NETWORK_FAILED', 'there is no address to fetch the file from', {
      hint: 'Name a mirror.',
    });
  if (urls.length === 1) return telling;
  const message = `not available at any of ${urls.length} addresses: ${failures.map((failure) => failure.message).join('; ')}`;
  const details = {
    ...(telling.url === undefined ? {} : { url: telling.url }),
    ...(telling.hint === undefined ? {} : { hint: telling.hint }),
    cause: telling,
  };
  return telling instanceof HttpStatusError
    ? new HttpStatusError(telling.status, message, details)
    : new PithError(telling.code, message, details);
}
