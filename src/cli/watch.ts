import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { openLoadSink, type Workspace } from '../build/index.ts';
import { type Digest, digestOf, type PithError, redact, toPithError } from '../core/index.ts';
import {
  type BackgroundContainer,
  findRunner,
  type Runner,
  startContainer,
  storageOf,
} from '../location/index.ts';
import { announce, type ContainerPlan, planContainer } from './container-run.ts';
import { printError } from './errors.ts';
import { formatTime } from './format.ts';
import { interruptible } from './interruptible.ts';
import { containerFlags, foreignPlatform, type PackJob } from './pack-run.ts';
import { Changes } from './watch-changes.ts';
import { type Packed, type Running, watchLoop, type WatchTimes } from './watch-loop.ts';
import { watchPlaces } from './watch-places.ts';
import { workspaceOf } from './workspace.ts';

/** Seconds that a program has to end by itself. */
const STOP_TIMEOUT = 1;
/** What ends a process that the engine killed: 128 and SIGKILL. */
const KILLED = 137;
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * `pith pack --watch`: packs again whenever something changes; with `--run`, what is packed runs. A signal ends the
 * container, then the process with exit code 130.
 * @throws PithError for what keeps it from beginning
 */
export async function watchPacked(job: PackJob): Promise<void> {
  const { flags } = job;
  const engine = flags.run === true ? await findRunner(flags.engine, process.env) : undefined;
  const changes = new Changes();
  const watch = watchPlaces(
    job,
    (path) => {
      changes.add(path);
    },
    say,
  );
  const session = new Session(job, engine);
  try {
    await session.untilSignal((signal) =>
      watchLoop(
        {
          changes,
          pack: () => session.pack(signal),
          done: (paths, times) => {
            if (!flags.quiet) say(summary(job, paths, times));
          },
          failed: (error) => {
            session.failed(error);
          },
        },
        signal,
      ),
    );
  } catch (error) {
    const { code, exitCode } = toPithError(error);
    if (code !== 'INTERRUPTED') throw error;
    // What was interrupted may still wait for something.
    process.exit(exitCode);
  } finally {
    watch.close();
  }
}

/** What lasts from the first packing to the end. */
class Session {
  readonly #job: PackJob;
  readonly #engine: Runner | undefined;
  /** Notes of a packing are told once. */
  readonly #told = new Set<string>();
  #container: BackgroundContainer | undefined;
  #printed: Digest | undefined;

  constructor(job: PackJob, engine: Runner | undefined) {
    this.#job = job;
    this.#engine = engine;
  }

  /** Runs work that a signal ends; a second one ends the process, and the container with it. */
  async untilSignal<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    const interrupted = (): void => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    };
    const kill = (): void => {
      this.#container?.kill();
    };
    for (const signal of SIGNALS) process.on(signal, interrupted);
    process.on('exit', kill);
    try {
      return await work(controller.signal);
    } finally {
      process.off('exit', kill);
      for (const signal of SIGNALS) process.off(signal, interrupted);
    }
  }

  /** @param signal ends the loading; packing ends by itself */
  async pack(signal: AbortSignal): Promise<Packed> {
    const { flags, outputs, packTo, args } = this.#job;
    const engine = this.#engine;
    return await this.#inWorkspace(async (workspace) => {
      if (!engine) {
        const report = await packTo(outputs, workspace);
        return { digest: this.#print(report) };
      }
      const { sink, taken, load } = openLoadSink(
        (name) => storageOf(engine, name),
        { locations: { ...workspace.locations, signal } },
        'later',
      );
      const platform = foreignPlatform(flags, workspace);
      await packTo([...outputs, sink], workspace);
      const plan = await planContainer(taken(), containerFlags(flags), args, platform);
      return {
        digest: taken().image.descriptor.digest,
        deploy: {
          load: async () => {
            await load();
          },
          start: () => this.#start(engine, plan),
        },
      };
    });
  }

  failed(error: PithError): void {
    printError(error, this.#job.flags.json === true);
    if (this.#job.flags.quiet !== true) say('waiting for a change');
  }

  /** As withWorkspace; what was told is not told again, and no line moves where a program writes. */
  async #inWorkspace<Result>(work: (workspace: Workspace) => Promise<Result>): Promise<Result> {
    const { flags } = this.#job;
    const quiet = flags.quiet === true || this.#container !== undefined;
    return await interruptible({ quiet }, (reporter, signal, atOnce) => {
      const report: typeof reporter.report = (event) => {
        if (event.kind === 'note' && this.#told.has(event.what)) return;
        if (event.kind === 'note') this.#told.add(event.what);
        reporter.report(event);
      };
      const workspace = workspaceOf(flags, { ...reporter, report }, signal);
      atOnce(() => {
        workspace.store.removeTemporary();
      });
      return work(workspace);
    });
  }

  #print(report: Parameters<PackJob['print']>[0]): Digest {
    const digest = digestOf(report.images.map((image) => image.digest).join(' '));
    if (digest !== this.#printed) this.#job.print(report);
    this.#printed = digest;
    return digest;
  }

  #start(engine: Runner, plan: ContainerPlan): Running {
    const { quiet, name = `pith-${randomUUID().slice(0, 8)}`, stopTimeout = STOP_TIMEOUT } = this.#job.flags;
    if (quiet !== true && !this.#container) announce(engine, plan);
    const container = startContainer(engine, { ...plan.options, name }, process.env);
    this.#container = container;
    const state = { isAlive: true, isWanted: true };
    container.ended
      .then((code) => {
        state.isAlive = false;
        if (state.isWanted) say(`the program ended with exit code ${code}; waiting for a change`);
      })
      .catch((error: unknown) => {
        state.isAlive = false;
        say(String(error));
      });
    return {
      get isAlive() {
        return state.isAlive;
      },
      stop: async () => {
        state.isWanted = false;
        const begun = performance.now();
        const code = await container.stop(stopTimeout);
        if (code === KILLED && performance.now() - begun >= stopTimeout * 1000) this.#tellKilled(stopTimeout);
      },
    };
  }

  #tellKilled(seconds: number): void {
    const text = `the program did not end within ${seconds} s and was killed: let it handle the stop signal, or give --engine-arg --init or --stop-timeout 0`;
    if (seconds > 0 && !this.#told.has(text)) say(text);
    this.#told.add(text);
  }
}

function say(text: string): void {
  process.stderr.write(redact(`pith: ${text}\n`));
}

function summary({ path }: PackJob, paths: ReadonlySet<string>, times: WatchTimes): string {
  const [first, ...others] = paths;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const what = first === undefined ? '' : `${first === '' ? basename(path) : first}${more} changed: `;
  const steps = [
    `packed in ${formatTime(times.pack)}`,
    ...(times.load === undefined ? [] : [`loaded in ${formatTime(times.load)}`]),
    ...(times.stop === undefined ? [] : [`stopped in ${formatTime(times.stop)}`]),
    ...(times.load === undefined ? [] : [`started after ${formatTime(times.all)}`]),
  ];
  return `${what}${steps.join(', ')}`;
}
