/** Runs `work` over the items, at most `limit` at once, and gives the results in the items' order. The first failure stops new starts and is thrown when those under way have ended. */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array<Result>(items.length);
  let next = 0;
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failure) {
      const index = next++;
      try {
        results[index] = await work(items[index] as Item, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), items.length) }, lane));
  if (failure) throw failure.error;
  return results;
}

/** Remembers the promise of each key, so that concurrent callers share one piece of work. A failure is forgotten. */
export class Once<Result> {
  readonly #running = new Map<string, Promise<Result>>();

  do(key: string, work: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(key);
    if (running) return running;
    const promise = work();
    this.#running.set(key, promise);
    promise.catch(() => this.#running.delete(key));
    return promise;
  }

  /** The work on a key, if it was begun and has not failed. */
  get(key: string): Promise<Result> | undefined {
    return this.#running.get(key);
  }
}

/** A function that runs pieces of work, at most `limit` of them at once; the others wait for their turn. */
export function createLimit(limit: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
