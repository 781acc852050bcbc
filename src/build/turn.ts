import { setImmediate } from 'node:timers/promises';
import { throwIfInterrupted } from '../core/index.ts';

/** Milliseconds of work after which others get their turn. */
const LENGTH = 20;

/** Long work of one thread: it gives others their turn now and then, and ends when the run is interrupted. */
export class Turn {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether it is time for {@link rest}, which needs not be called before. */
  get isOver(): boolean {
    return performance.now() - this.#since >= LENGTH;
  }

  /** @throws PithError INTERRUPTED */
  async rest(): Promise<void> {
    if (!this.isOver) return;
    throwIfInterrupted(this.#signal);
    await setImmediate();
    this.#since = performance.now();
  }
}
