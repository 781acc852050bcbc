/** Numbers that are sorted at once, and merged between two yields. */
const RUN = 1 << 12;
const MERGE = 1 << 15;

/**
 * Sorts numbers of entries by a key of each: a merge sort that can be interrupted. Equal keys stay in the order of the
 * numbers themselves, whatever the direction.
 * @param entries is not changed
 * @param keys the key of entry n at n
 */
export function* sortEntries(
  entries: Int32Array,
  keys: ArrayLike<number>,
  descending: boolean,
): Generator<undefined, Int32Array> {
  const sign = descending ? -1 : 1;
  const compare = (a: number, b: number): number => sign * ((keys[a] ?? 0) - (keys[b] ?? 0)) || a - b;
  let from = entries.slice();
  for (let start = 0; start < from.length; start += RUN) {
    from.subarray(start, start + RUN).sort(compare);
    yield;
  }
  let to = new Int32Array(from.length);
  let steps = 0;
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takeLeft = right >= end || (left < middle && compare(from[left] ?? 0, from[right] ?? 0) <= 0);
        to[at] = from[takeLeft ? left++ : right++] ?? 0;
        if (++steps % MERGE === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
