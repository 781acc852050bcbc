import { once } from 'node:events';
import { safeJson } from '../../core/index.ts';

/** Characters that are gathered before they are written. */
const BATCH = 1 << 16;

/**
 * Writes pieces of text to standard output, as fast as its reader takes them.
 * @param onBytes told of what is written
 */
export async function writePieces(
  pieces: Iterable<string>,
  onBytes?: (bytes: Uint8Array) => void,
): Promise<void> {
  let waiting = '';
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(waiting);
    waiting = '';
    onBytes?.(bytes);
    await writeOut(bytes);
  };
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length >= BATCH) await flush();
  }
  await flush();
}

/** Writes to standard output and waits until its reader has taken most of it. */
export async function writeOut(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

/** JSON of an object whose last member is a long list, which is made while it is written. */
export function* jsonWithList(value: object, name: string, items: Iterable<object>): Generator<string> {
  yield `${safeJson(value, 2).slice(0, -2)},\n  ${JSON.stringify(name)}: [`;
  let isFirst = true;
  for (const item of items) {
    yield `${isFirst ? '' : ','}\n    ${safeJson(item)}`;
    isFirst = false;
  }
  yield '\n  ]\n}\n';
}
