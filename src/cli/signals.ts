import { isatty } from 'node:tty';

/** What a terminal sends to every program in its foreground itself. */
const OF_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGHUP'];
const OTHERS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGUSR2'];

/**
 * Passes the signals that this process gets on to its child process, and outlives them itself. What a terminal sends
 * has reached the child already.
 * @returns what ends it
 */
export function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  const hasTerminal = [0, 1, 2].some((stream) => isatty(stream));
  const received = (signal: NodeJS.Signals): void => {
    if (!hasTerminal || !OF_TERMINAL.includes(signal)) forward(signal);
  };
  const signals = [...OF_TERMINAL, ...OTHERS];
  for (const signal of signals) process.on(signal, received);
  return () => {
    for (const signal of signals) process.off(signal, received);
  };
}
