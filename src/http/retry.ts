import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '../core/index.ts';
import { HttpStatusError, isTransient, networkError } from './errors.ts';

export interface RetryPolicy {
  /** Tries after the first one, without progress in between. */
  retries: number;
  /** The first pause in milliseconds; each further one is twice as long. */
  delay: number;
  /** A server that asks to wait longer than this (milliseconds) is not waited for. */
  maxRetryAfter: number;
  signal?: AbortSignal | undefined;
  onRetry?: (event: RetryEvent) => void;
}

export interface RetryEvent {
  kind: 'retry';
  url: string;
  /** Why the last try failed. */
  reason: string;
  /** The pause before the next one, in milliseconds. */
  pause: number;
}

const LONGEST_PAUSE = 30_000;
const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Runs `work` until it succeeds, fails for good, or has failed too often in a row. Pauses grow exponentially, with
 * jitter so that many clients do not come back at once.
 *
 * @param progress - a figure that grows as the work gets on (bytes written): a try that got on does not count as failed
 * @throws PithError the last failure; INTERRUPTED
 */
export async function withRetries<Result>(
  policy: RetryPolicy,
  url: string,
  work: () => Promise<Result>,
  progress: () => number = () => 0,
): Promise<Result> {
  const retries = new Retries(policy, url, progress());
  for (;;) {
    throwIfInterrupted(policy.signal);
    try {
      return await work();
    } catch (error) {
      await retries.after(error, progress());
    }
  }
}

/** The failures of one piece of work, and whether there were too many. */
export class Retries {
  readonly #policy: RetryPolicy;
  readonly #url: string;
  #failures = 0;
  #total = 0;
  #reached: number;

  /** @param url what the work is called in errors @param reached as `progress` of `after` */
  constructor(policy: RetryPolicy, url: string, reached = 0) {
    this.#policy = policy;
    this.#url = url;
    this.#reached = reached;
  }

  /**
   * Waits until the next try.
   *
   * @param progress a figure that grows as the work gets on
   * @throws PithError the failure if another try is of no use; INTERRUPTED
   */
  async after(error: unknown, progress = 0): Promise<void> {
    const policy = this.#policy;
    throwIfInterrupted(policy.signal);
    if (progress > this.#reached) this.#failures = 0;
    this.#reached = Math.max(this.#reached, progress);
    this.#failures++;
    this.#total++;
    const pause = pauseAfter(error, this.#failures, policy);
    if (pause === undefined || this.#failures > policy.retries || this.#total > policy.retries * 8)
      throw networkError(error, this.#url);
    policy.onRetry?.({
      kind: 'retry',
      url: this.#url,
      reason: networkError(error, this.#url).message.replace(`${this.#url}: `, ''),
      pause,
    });
    await sleep(pause, undefined, policy.signal ? { signal: policy.signal } : {}).catch(() => undefined);
    throwIfInterrupted(policy.signal);
  }
}

/** Milliseconds to wait, or undefined if trying again is of no use. */
function pauseAfter(error: unknown, failures: number, policy: RetryPolicy): number | undefined {
  if (error instanceof HttpStatusError) {
    if (!RETRIED.has(error.status)) return undefined;
    if (error.retryAfter !== undefined)
      return error.retryAfter <= policy.maxRetryAfter ? error.retryAfter : undefined;
  } else if (!isTransient(error)) {
    return undefined;
  }
  const pause = Math.min(LONGEST_PAUSE, policy.delay * 2 ** (failures - 1));
  return pause * (0.5 + Math.random() / 2);
}
