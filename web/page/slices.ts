/** Milliseconds of work after which the browser gets its turn: half a frame. */
const BUDGET = 8;

let isWaitedFor = false;

/** While this runs, what is begun is done at once: for paper, which does not wait. */
export function atOnce(work: () => void): void {
  isWaitedFor = true;
  try {
    work();
  } finally {
    isWaitedFor = false;
  }
}

/**
 * Runs a computation in slices, so that the page answers meanwhile. What is done within the first slice is handed over
 * before the call returns.
 * @param work yields wherever it may be interrupted
 * @param done gets the result, unless it was cancelled
 * @returns cancels what is not done yet
 */
export function runInSlices<T>(work: Generator<undefined, T>, done: (result: T) => void): () => void {
  let cancelled = false;
  const channel = new MessageChannel();
  const advance = (): void => {
    if (cancelled) return;
    const end = performance.now() + BUDGET;
    do {
      const step = work.next();
      if (step.done === true) {
        channel.port1.close();
        done(step.value);
        return;
      }
    } while (isWaitedFor || performance.now() < end);
    channel.port2.postMessage(undefined);
  };
  channel.port1.onmessage = advance;
  advance();
  return () => {
    cancelled = true;
    channel.port1.close();
  };
}

/** The same as a promise. */
export function inSlices<T>(work: Generator<undefined, T>): Promise<T> {
  return new Promise((resolve) => runInSlices(work, resolve));
}
