import { concat, EMPTY, type Value } from './value.ts';

/** What a command reads from its standard input; undefined if that is not known. */
export class Input {
  readonly #text: string | undefined;
  #at = 0;

  constructor(text: string | undefined) {
    this.#text = text;
  }

  /** Everything that is left. */
  readAll(): string | undefined {
    const rest = this.#text?.slice(this.#at);
    this.#at = this.#text?.length ?? 0;
    return rest;
  }

  /** The next line without its end; null after the last one. */
  readLine(): string | null | undefined {
    if (this.#text === undefined) return undefined;
    if (this.#at >= this.#text.length) return null;
    const end = this.#text.indexOf('\n', this.#at);
    const line = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 1;
    return line;
  }
}

/** Collects what commands print. */
export class Output {
  #value = EMPTY;

  get value(): Value {
    return this.#value;
  }

  write(value: Value): void {
    this.#value = concat([this.#value, value]);
  }
}

export interface Streams {
  readonly input: Input;
  /** Where prints go, if anybody reads them. */
  readonly output: Output | undefined;
}
