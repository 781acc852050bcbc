import type { Progress } from '../build/index.ts';
import { redact } from '../core/index.ts';
import { formatSize } from './format.ts';

export interface Reporter {
  readonly report: (event: Progress) => void;
  /** Removes what is not to stay on the terminal. */
  readonly stop: () => void;
}

/** A line that says how far the work is: on a terminal one that moves, else plain lines; nothing where `quiet`. */
export function createReporter(options: {
  quiet: boolean;
  stream: NodeJS.WriteStream;
  isCI: boolean;
}): Reporter {
  const { quiet, stream, isCI } = options;
  const note = (what: string): void => {
    stream.write(`pith: ${redact(what)}\n`);
  };
  if (quiet) {
    return {
      report: (event) => {
        if (event.kind === 'note') note(event.what);
      },
      stop: () => undefined,
    };
  }
  return stream.isTTY && !isCI ? movingReporter(stream, note) : plainReporter(note);
}

function plainReporter(note: (what: string) => void): Reporter {
  const tally = new Tally();
  return {
    report: (event) => {
      tally.add(event);
      if (event.kind === 'fetch-done') note(`fetched ${event.what}`);
      else if (event.kind === 'segment-done')
        note(`made ${event.what} (${tally.made} of ${tally.packages} packages)`);
      else if (event.kind === 'note') note(event.what);
    },
    stop: () => undefined,
  };
}

function movingReporter(stream: NodeJS.WriteStream, note: (what: string) => void): Reporter {
  const tally = new Tally();
  let spinner: { text: string; start(): unknown; stop(): unknown } | undefined;
  let stopped = false;
  let loading: Promise<void> | undefined;
  const show = async (): Promise<void> => {
    const { default: createSpinner } = await import('yocto-spinner');
    if (stopped) return;
    spinner = createSpinner({ stream, text: tally.text() });
    spinner.start();
  };
  return {
    report: (event) => {
      tally.add(event);
      if (event.kind === 'note') {
        spinner?.stop();
        note(event.what);
        spinner?.start();
      }
      if (tally.text() === '') return;
      if (spinner) spinner.text = tally.text();
      else loading ??= show();
    },
    stop: () => {
      stopped = true;
      spinner?.stop();
    },
  };
}

/** Adds up events to one line. */
class Tally {
  packages = 0;
  made = 0;
  #fetching = 0;
  #fetched = 0;
  #bytes = 0;
  #size = 0;
  #images = 0;
  #moved = 0;
  #layers = { bytes: 0, size: 0 };

  add(event: Progress): void {
    switch (event.kind) {
      case 'fetch-start':
        this.#fetching++;
        this.#size += event.size;
        return;
      case 'fetch-bytes':
        this.#bytes += event.bytes;
        return;
      case 'fetch-done':
        this.#fetched++;
        return;
      case 'packages':
        this.packages += event.count;
        return;
      case 'segment-done':
        this.made++;
        return;
      case 'image-done':
        this.#images++;
        return;
      case 'moved':
        this.#moved += event.bytes;
        return;
      case 'layers-read':
        this.#layers = event;
        return;
      case 'note':
        return;
    }
  }

  text(): string {
    const parts = [
      this.#fetching > this.#fetched
        ? `fetching ${this.#fetched}/${this.#fetching} (${formatSize(this.#bytes)} of ${formatSize(this.#size)})`
        : '',
      this.made < this.packages ? `packages ${this.made}/${this.packages}` : '',
      this.#images > 0 ? `images ${this.#images}` : '',
      this.#layers.size > 0
        ? `reading layers (${formatSize(this.#layers.bytes)} of ${formatSize(this.#layers.size)})`
        : '',
      this.#moved > 0 && this.#layers.size === 0 ? `${formatSize(this.#moved)} to or from registries` : '',
    ];
    return parts.filter((part) => part !== '').join(', ');
  }
}
