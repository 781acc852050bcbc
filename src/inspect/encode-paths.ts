/** Paths as bytes: each says how much of the one before it begins with, since most neighbours are in one folder. */
export interface EncodedPaths {
  /** Bytes that a path has in common with the start of the one before. */
  readonly shared: Uint16Array;
  /** Bytes that follow. */
  readonly lengths: Uint16Array;
  /** These, in UTF-8, one path after the other. */
  readonly bytes: Uint8Array;
  /** Paths that are not UTF-8, by number; they have no bytes. */
  readonly odd: readonly (readonly [number, string])[];
}

/** @param paths each of less than 65,536 bytes */
export function encodePaths(paths: readonly string[]): EncodedPaths {
  const shared = new Uint16Array(paths.length);
  const lengths = new Uint16Array(paths.length);
  const odd: [number, string][] = [];
  let bytes = Buffer.alloc(64 << 10);
  let size = 0;
  let before = Buffer.alloc(0);
  for (const [at, path] of paths.entries()) {
    const isOdd = !path.isWellFormed();
    if (isOdd) odd.push([at, path]);
    const own = Buffer.from(isOdd ? '' : path);
    const common = commonStart(before, own);
    shared[at] = common;
    lengths[at] = own.length - common;
    if (size + own.length > bytes.length) {
      const larger = Buffer.alloc(bytes.length * 2 + own.length);
      bytes.copy(larger, 0, 0, size);
      bytes = larger;
    }
    size += own.copy(bytes, size, common);
    before = own;
  }
  return { shared, lengths, bytes: bytes.subarray(0, size), odd };
}

/** The reverse of {@link encodePaths}; undefined for what is not its result. */
export function decodePaths({ shared, lengths, bytes, odd }: EncodedPaths): string[] | undefined {
  const paths: string[] = [];
  const path = Buffer.alloc(128 << 10);
  let at = 0;
  let before = 0;
  for (let number = 0; number < shared.length; number++) {
    const common = shared[number] ?? 0;
    const length = lengths[number] ?? 0;
    if (common > before || at + length > bytes.length) return undefined;
    path.set(bytes.subarray(at, at + length), common);
    at += length;
    before = common + length;
    paths.push(path.toString('utf8', 0, before));
  }
  for (const [number, text] of odd) paths[number] = text;
  return at === bytes.length ? paths : undefined;
}

function commonStart(a: Buffer, b: Buffer): number {
  const limit = Math.min(a.length, b.length);
  let at = 0;
  while (at < limit && a[at] === b[at]) at++;
  return at;
}
