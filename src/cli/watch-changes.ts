import { interruption, throwIfInterrupted } from '../core/index.ts';

/** Milliseconds without a change after which a change counts as complete: editors write, rename and set modes in a row. */
const QUIET = 30;
/** Milliseconds after which changes are looked at although they go on. */
const LONGEST = 3000;
/** From this number of paths on it is no edit, but an installation or a checkout, which pauses now and then. */
const STORM = 200;
const QUIET_OF_STORM = 500;
const LONGEST_OF_STORM = 30_000;
/** Changes of a path in a row that made no difference, after which it is a log or the like, and can wait. */
const FUTILE = 5;
/** Milliseconds that such changes wait. */
const PATIENCE = 5000;

/** Gathers what changed, until it is complete. */
export class Changes {
  readonly #paths = new Set<string>();
  /** How many times in a row a path changed without the image being another for it. */
  readonly #futile = new Map<string, number>();
  #isImportant = false;
  #first = 0;
  #last = 0;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #alarm = Infinity;

  add(path: string): void {
    const isImportant = (this.#futile.get(path) ?? 0) < FUTILE;
    this.#last = performance.now();
    if (this.#paths.size === 0 || (isImportant && !this.#isImportant)) this.#first = this.#last;
    this.#isImportant ||= isImportant;
    this.#paths.add(path);
    this.#arm();
  }

  /** Whether something changed that may make a difference. */
  get isPending(): boolean {
    return this.#isImportant;
  }

  /** What changed since it was taken last. */
  take(): ReadonlySet<string> {
    const paths = new Set(this.#paths);
    this.#paths.clear();
    this.#isImportant = false;
    return paths;
  }

  /** Says whether changes of these paths made a difference. */
  judge(paths: ReadonlySet<string>, madeDifference: boolean): void {
    for (const path of paths) {
      if (madeDifference) this.#futile.delete(path);
      else this.#futile.set(path, (this.#futile.get(path) ?? 0) + 1);
    }
  }

  /** Waits until there are changes, and they are complete. @throws PithError INTERRUPTED once the signal is given */
  async complete(signal: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    let interrupted = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        interrupted = () => {
          reject(interruption(signal));
        };
        signal.addEventListener('abort', interrupted);
        this.#arm();
      });
    } finally {
      signal.removeEventListener('abort', interrupted);
      this.#wake = undefined;
      this.#disarm();
    }
  }

  /** Sees to it that somebody who waits is woken in time; what comes later is seen when the alarm goes off. */
  #arm(): void {
    const wake = this.#wake;
    const due = this.#due();
    if (!wake || due >= this.#alarm) return;
    this.#disarm();
    this.#alarm = due;
    this.#timer = setTimeout(
      () => {
        this.#disarm();
        if (performance.now() >= this.#due()) wake();
        else this.#arm();
      },
      Math.max(0, Math.ceil(due - performance.now())),
    );
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#alarm = Infinity;
  }

  #due(): number {
    if (this.#paths.size === 0) return Infinity;
    if (!this.#isImportant) return this.#first + PATIENCE;
    const [quiet, longest] = this.#paths.size < STORM ? [QUIET, LONGEST] : [QUIET_OF_STORM, LONGEST_OF_STORM];
    return Math.min(this.#last + quiet, this.#first + longest);
  }
}
