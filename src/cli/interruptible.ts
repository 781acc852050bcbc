import { setMaxListeners } from 'node:events';
import type { CommonOptions } from './flags.ts';
import { createReporter, type Reporter } from './progress.ts';

/** Milliseconds that work has to end by itself after an interruption. */
const GRACE = 5000;

/**
 * Runs work with a line of progress. Ctrl-C makes it fail with INTERRUPTED and leave nothing behind; the second one, or
 * the end of the grace period, ends the process.
 * @param work is told what to report to, the signal that ends it, and where to say what is to be done before the process
 * ends at once
 */
export async function interruptible<Result>(
  { quiet = false }: CommonOptions,
  work: (reporter: Reporter, signal: AbortSignal, atOnce: (tidyUp: () => void) => void) => Promise<Result>,
): Promise<Result> {
  const isCI = Boolean(process.env['CI']);
  const reporter = createReporter({ quiet, stream: process.stderr, isCI });
  const controller = new AbortController();
  // Each transfer under way listens to it.
  setMaxListeners(0, controller.signal);
  let tidyUp = (): void => undefined;
  const endAtOnce = (): void => {
    tidyUp();
    process.exit(130);
  };
  let grace: NodeJS.Timeout | undefined;
  const interrupted = (): void => {
    if (controller.signal.aborted) endAtOnce();
    controller.abort();
    grace = setTimeout(endAtOnce, GRACE).unref();
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    return await work(reporter, controller.signal, (told) => {
      tidyUp = told;
    });
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    clearTimeout(grace);
    reporter.stop();
  }
}
