import { PithError } from './errors.ts';

/** The error for work that a signal ended. */
export function interruption(signal: AbortSignal): PithError {
  return new PithError('INTERRUPTED', 'interrupted', { cause: signal.reason });
}

/** @throws PithError INTERRUPTED once the signal has been given */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw interruption(signal);
}

/** Passes pieces on until the signal is given. @throws PithError INTERRUPTED then */
export async function* interruptible<Piece>(
  pieces: AsyncIterable<Piece>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    throwIfInterrupted(signal);
    yield piece;
  }
}
