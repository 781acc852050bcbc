import { writeSync } from 'node:fs';
import { emitKeypressEvents, type Interface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { type KeyPress, nameOfKey } from './keys.ts';
import { paintChanges } from './paint.ts';
import type { Event, ScreenSize } from './state.ts';

/**
 * Alternate screen, no cursor, no wrapping at the right border, pasted text marked as such (xterm's control sequences,
 * "DEC Private Mode Set"); and the reverse.
 */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h';
const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Milliseconds after which an Esc is a key, not the beginning of another one. */
const ESCAPE_TIME = 50;
const FALLBACK: ScreenSize = { columns: 80, rows: 24 };
/** End the program; the terminal is put in order first. */
const DEADLY: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** What is needed of `tty.ReadStream`. */
export interface TerminalInput extends NodeJS.ReadableStream {
  setRawMode(isRaw: boolean): unknown;
}

/** What is needed of `tty.WriteStream`. */
export interface TerminalOutput extends NodeJS.WritableStream {
  readonly fd: number;
  readonly columns?: number;
  readonly rows?: number;
  readonly writableNeedDrain?: boolean;
}

export interface TerminalEvents {
  readonly onEvent: (event: Event) => void;
  /** The input has ended, or the terminal is gone. */
  readonly onEnd: () => void;
}

/** A terminal in raw mode with a screen of its own. Whatever ends the program, it is left as it was. */
export class Terminal {
  readonly #input: TerminalInput;
  readonly #output: TerminalOutput;
  readonly #events: TerminalEvents;
  readonly #keys = new PassThrough();
  /** What the screen shows; undefined where that is not known. */
  #shown: readonly string[] | undefined;
  #wanted: readonly string[] | undefined;
  #pasted: string[] | undefined;
  #isOpen = false;

  constructor(input: TerminalInput, output: TerminalOutput, events: TerminalEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    emitKeypressEvents(this.#keys, { escapeCodeTimeout: ESCAPE_TIME } as unknown as Interface);
    this.#keys.on('keypress', this.#onKey);
  }

  get size(): ScreenSize {
    const { columns, rows } = this.#output;
    return columns === undefined || rows === undefined || columns < 1 || rows < 1
      ? FALLBACK
      : { columns, rows };
  }

  open(): void {
    process.on('exit', this.#restore);
    for (const signal of DEADLY) process.on(signal, this.#onDeadly);
    process.on('SIGTSTP', this.suspend);
    process.on('SIGCONT', this.#onContinue);
    this.#output.on('resize', this.#onResize);
    this.#output.on('drain', this.#flush);
    this.#output.on('error', this.#events.onEnd);
    this.#input.on('data', this.#onData);
    this.#input.on('end', this.#events.onEnd);
    this.#input.on('error', this.#events.onEnd);
    this.#enter();
    this.#input.resume();
  }

  close(): void {
    this.#restore();
    process.off('exit', this.#restore);
    for (const signal of DEADLY) process.off(signal, this.#onDeadly);
    process.off('SIGTSTP', this.suspend);
    process.off('SIGCONT', this.#onContinue);
    this.#output.off('resize', this.#onResize);
    this.#output.off('drain', this.#flush);
    this.#output.off('error', this.#events.onEnd);
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#events.onEnd);
    this.#input.off('error', this.#events.onEnd);
    this.#input.pause();
    this.#keys.destroy();
  }

  /** Shows painted lines, as many as the screen has rows; at once, or when a slow terminal is ready for them. */
  draw(lines: readonly string[]): void {
    this.#wanted = lines;
    this.#flush();
  }

  /** Stops the program until the shell lets it go on. */
  readonly suspend = (): void => {
    this.#restore();
    process.off('SIGTSTP', this.suspend);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', this.suspend);
    // Without a shell that could let it go on, the kernel does not stop it.
    setImmediate(this.#onContinue);
  };

  #enter(): void {
    this.#isOpen = true;
    this.#shown = undefined;
    this.#input.setRawMode(true);
    this.#output.write(ENTER);
  }

  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.#input.setRawMode(false);
      writeSync(this.#output.fd, LEAVE);
    } catch {
      // The terminal is gone: there is nothing to put in order.
    }
  };

  readonly #flush = (): void => {
    if (!this.#isOpen || !this.#wanted || this.#output.writableNeedDrain === true) return;
    const changes = paintChanges(this.#shown, this.#wanted);
    this.#shown = this.#wanted;
    if (changes !== '') this.#output.write(changes);
  };

  readonly #onDeadly = (signal: NodeJS.Signals): void => {
    this.close();
    process.kill(process.pid, signal);
  };

  readonly #onContinue = (): void => {
    // A shell may have changed the mode of the terminal meanwhile.
    if (this.#isOpen) this.#input.setRawMode(false);
    this.#enter();
    this.#events.onEvent({ kind: 'resize', size: this.size });
  };

  readonly #onResize = (): void => {
    this.#shown = undefined;
    this.#events.onEvent({ kind: 'resize', size: this.size });
  };

  readonly #onData = (bytes: Uint8Array | string): void => {
    this.#keys.write(bytes);
  };

  readonly #onKey = (text: string | undefined, key: KeyPress): void => {
    if (key.name === 'paste-start') {
      this.#pasted = [];
      return;
    }
    if (key.name === 'paste-end') {
      this.#events.onEvent({ kind: 'paste', text: this.#pasted?.join('') ?? '' });
      this.#pasted = undefined;
      return;
    }
    if (this.#pasted) {
      this.#pasted.push(text ?? '');
      return;
    }
    const name = nameOfKey(text, key);
    if (name === undefined) return;
    const isText = text !== undefined && (name === text || name === 'Space');
    this.#events.onEvent({ kind: 'key', key: name, ...(isText ? { text } : {}) });
  };
}
