import { arrangeTree } from './arrange-tree.ts';
import { ColumnWriter } from './column-writer.ts';
import type { PageTree } from './data.ts';
import { escapeName } from './escape.ts';

/** The furthest time from 1970 that is kept as it is, in seconds: millions of years, and differences still have their sign. */
const FURTHEST = 2 ** 50;

/**
 * A tree as bytes, for {@link decodeTree}: the number of entries, a flag for a difference, and the columns one after
 * the other, each behind its length. Entries come depth first and by name, so that depths say who is in which folder
 * and neighbours resemble each other. Names and targets are escaped.
 * @throws PithError INTERNAL for numbers that are none, or entries before their folder
 */
export function encodeTree(tree: PageTree): Uint8Array {
  const names = tree.names.map(escapeName);
  const { order, depths } = arrangeTree(names, tree.parents);
  const entries = [...order];
  const isDifference = tree.changes !== undefined;
  const out = new ColumnWriter();
  out.number(order.length);
  out.number(isDifference ? 1 : 0);
  const column = (write: (writer: ColumnWriter) => void): void => {
    const writer = new ColumnWriter();
    write(writer);
    out.bytes(writer.finish());
  };
  const numbers = (values: ArrayLike<number>, offset = 0): void => {
    column((writer) => {
      for (const entry of order) writer.number((values[entry] ?? 0) + offset);
    });
  };
  const texts = (values: readonly string[]): void => {
    column((writer) => {
      for (const value of values) writer.number(value.length);
    });
    out.bytes(Buffer.from(values.join('')));
  };
  column((writer) => {
    for (const depth of depths) writer.number(depth);
  });
  numbers(tree.types);
  numbers(tree.sizes);
  numbers(tree.modes);
  numbers(tree.uids);
  numbers(tree.gids);
  column((writer) => {
    let last = 0;
    for (const entry of order) {
      const time = Math.max(-FURTHEST, Math.min(FURTHEST, tree.mtimes[entry] ?? 0));
      writer.signed(time - last);
      last = time;
    }
  });
  numbers(tree.layers, 1);
  numbers(tree.packages, 1);
  texts(entries.map((entry) => names[entry] ?? ''));
  texts(entries.map((entry) => escapeName(tree.links.get(entry) ?? '')));
  if (!tree.changes) return out.finish();
  numbers(tree.changes);
  const was = entries.map((entry) => tree.before?.get(entry));
  // One more than the number was, or 0 where it is the same: mostly zeros.
  for (const [key, now] of [
    ['type', tree.types],
    ['size', tree.sizes],
    ['mode', tree.modes],
    ['uid', tree.uids],
    ['gid', tree.gids],
  ] as const)
    column((writer) => {
      for (const [at, entry] of entries.entries()) {
        const value = was[at]?.[key] ?? now[entry];
        writer.number(
          value === undefined || value === now[entry] ? 0 : Math.min(value + 1, Number.MAX_SAFE_INTEGER),
        );
      }
    });
  texts(was.map((entry) => escapeName(entry?.link ?? '')));
  return out.finish();
}
