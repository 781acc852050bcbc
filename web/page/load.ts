import type { PageData } from '../../src/page/data.ts';
import { decodeTree } from '../../src/page/decode-tree.ts';
import { inSlices } from './slices.ts';
import { measureTree, type Tree } from './tree.ts';

/** What is there at once: everything but the tree. */
export type Report = Omit<PageData, 'tree'>;

/** Characters of base64 that are decoded at once: a multiple of four. */
const PIECE = 1 << 18;

/** The data that stand before the script. */
export function readReport(): Report {
  return JSON.parse(document.getElementById('data')?.textContent ?? '{}') as Report;
}

/**
 * The tree, which stands behind the script: unpacked and measured in slices.
 * @throws Error if the browser cannot unpack it, in words for the reader
 */
export async function readTree(): Promise<Tree> {
  if (document.readyState === 'loading')
    await new Promise((resolve) => {
      document.addEventListener('DOMContentLoaded', resolve, { once: true });
    });
  const columns = await inSlices(decodeTree(await unpack(await inSlices(readBase64()))));
  return inSlices(measureTree(columns));
}

function* readBase64(): Generator<undefined, Uint8Array<ArrayBuffer>[]> {
  const text = document.getElementById('tree')?.textContent ?? '';
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < text.length; at += PIECE) {
    const binary = atob(text.slice(at, at + PIECE));
    const piece = new Uint8Array(binary.length);
    for (let index = 0; index < binary.length; index++) piece[index] = binary.charCodeAt(index);
    pieces.push(piece);
    yield;
  }
  return pieces;
}

async function unpack(pieces: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  if (!('DecompressionStream' in globalThis))
    throw new Error(
      'This browser cannot unpack the list of files (DecompressionStream): Chromium 80, Firefox 113 and Safari 16.4 can.',
    );
  const stream = new Blob(pieces).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
