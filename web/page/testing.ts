import type { PageData } from '../../src/page/data.ts';
import { decodeTree } from '../../src/page/decode-tree.ts';
import { encodeTree } from '../../src/page/encode-tree.ts';
import { measureTree, type Tree } from './tree.ts';

/** Runs work that stops now and then to its end. */
export function finish<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** The tree as the page has it. */
export function loadTree({ tree }: PageData): Tree {
  return finish(measureTree(finish(decodeTree(encodeTree(tree)))));
}
