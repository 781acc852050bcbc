import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { Digester, digestOf, hexOf, isDigest } from '../../core/index.ts';
import type { Store } from '../../store/index.ts';

const RECORD = 'report';
/** Bytes of the longest text that is kept: that of an image of some 200,000 files. */
const MAX_SIZE = 64 << 20;

/** A long text that is made of things which never change, such as a report on an image, kept in the store for who asks again. */
export class RememberedText {
  readonly #store: Store;
  readonly #key: string;

  /** @param madeOf JSON of all that the text depends on, the code included */
  constructor(store: Store, madeOf: unknown) {
    this.#store = store;
    this.#key = hexOf(digestOf(JSON.stringify(madeOf)));
  }

  /** The text, verified; undefined if it is not known. */
  async read(): Promise<Buffer | undefined> {
    const known = this.#store.readRecord(RECORD, this.#key) as { text?: unknown } | undefined;
    const { text } = known ?? {};
    return typeof text === 'string' && isDigest(text) ? await this.#store.readBlob(text) : undefined;
  }

  /**
   * Keeps a text while it is printed. One that is too long is not kept, nor one that the disk has no room for.
   * @param print gives all of it to `keep`, piece by piece
   */
  async keep(print: (keep: (bytes: Uint8Array) => void) => Promise<void>): Promise<void> {
    const path = this.#store.temporaryPath();
    const remove = (): void => {
      rmSync(path, { force: true });
    };
    // Who reads only the start of it ends the process.
    process.once('exit', remove);
    const file = openSync(path, 'wx');
    const digester = new Digester();
    const copy = { isWhole: true };
    try {
      await print((bytes) => {
        digester.update(bytes);
        copy.isWhole &&= digester.size <= MAX_SIZE && isWritten(file, bytes);
      });
      if (!copy.isWhole) return;
      const text = digester.digest();
      await this.#store.adopt(path, text);
      await this.#store.writeRecord(RECORD, this.#key, { text });
    } finally {
      closeSync(file);
      remove();
      process.off('exit', remove);
    }
  }
}

function isWritten(file: number, bytes: Uint8Array): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch {
    return false;
  }
}
