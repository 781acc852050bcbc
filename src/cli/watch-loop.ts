import { type Digest, type PithError, throwIfInterrupted, toPithError } from '../core/index.ts';
import type { Changes } from './watch-changes.ts';

/** A container of an image. */
export interface Running {
  /** Whether it has not ended. */
  readonly isAlive: boolean;
  /** Stops it and waits until it is gone. */
  stop(): Promise<void>;
}

/** What one packing made. */
export interface Packed {
  readonly digest: Digest;
  /** Brings it to where it runs; nothing where it does not run. */
  readonly deploy?: {
    readonly load: () => Promise<void>;
    /** Runs what was loaded last. */
    readonly start: () => Running;
  };
}

/** Milliseconds that the steps after a change took; a step that there was not has none. */
export interface WatchTimes {
  readonly pack: number;
  readonly load?: number;
  readonly stop?: number;
  /** From the beginning of the packing to the start of the container. */
  readonly all: number;
}

export interface WatchSteps {
  readonly changes: Pick<Changes, 'isPending' | 'take' | 'judge' | 'complete'>;
  pack(): Promise<Packed>;
  /** Tells of an image that is another than before, or of a container that was started again. */
  done(paths: ReadonlySet<string>, times: WatchTimes): void;
  /** Tells of what failed, while the loop goes on. */
  failed(error: PithError): void;
}

/**
 * Packs, and packs again after each change, until the signal is given. Where the image runs, another image takes the place
 * of the container: it is loaded while the old one stops. What cannot be packed leaves the old one running; where the new
 * one cannot be loaded, the old image is started again.
 * @throws PithError INTERRUPTED, when the container has stopped
 */
export async function watchLoop(steps: WatchSteps, signal: AbortSignal): Promise<never> {
  const state: State = { paths: new Set() };
  try {
    for (;;) {
      await packOnce(steps, state, signal);
      await steps.changes.complete(signal);
    }
  } finally {
    await state.running?.stop();
  }
}

interface State {
  /** What changed since something was told last. */
  paths: ReadonlySet<string>;
  digest?: Digest;
  running?: Running;
}

async function packOnce(steps: WatchSteps, state: State, signal: AbortSignal): Promise<void> {
  const { changes } = steps;
  const paths = new Set([...state.paths, ...changes.take()]);
  state.paths = paths;
  const times = stopwatch();
  try {
    const packed = await steps.pack();
    throwIfInterrupted(signal);
    const pack = times();
    if (changes.isPending) return;
    state.paths = new Set();
    const isSame = packed.digest === state.digest;
    changes.judge(paths, !isSame);
    if (isSame && (state.running?.isAlive ?? true)) return;
    const rest = packed.deploy ? await replace(packed.deploy, state, signal) : {};
    state.digest = packed.digest;
    steps.done(paths, { pack, ...rest, all: times() });
  } catch (error) {
    throwIfInterrupted(signal);
    const failure = toPithError(error);
    if (failure.code === 'INTERRUPTED') throw failure;
    // What failed because somebody is still writing is not worth telling.
    if (changes.isPending) return;
    state.paths = new Set();
    steps.failed(failure);
  }
}

async function replace(
  { load, start }: NonNullable<Packed['deploy']>,
  state: State,
  signal: AbortSignal,
): Promise<Pick<WatchTimes, 'load' | 'stop'>> {
  const old = state.running?.isAlive === true ? state.running : undefined;
  const timed = async (work: () => Promise<void>): Promise<number> => {
    const time = stopwatch();
    await work();
    return time();
  };
  const [loaded, stopped] = await Promise.allSettled([
    timed(load),
    old ? timed(() => old.stop()) : undefined,
  ]);
  if (stopped.status === 'rejected') throw stopped.reason;
  throwIfInterrupted(signal);
  if (loaded.status === 'fulfilled' || old) state.running = start();
  if (loaded.status === 'rejected') throw loaded.reason;
  return { load: loaded.value, ...(stopped.value === undefined ? {} : { stop: stopped.value }) };
}

function stopwatch(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}
