/**
 * Texts that end with a NUL byte, one after the other, where a text that is the end of another lies in that one
 * (glibc: elf/stringtable.c). Their order is that of the reversed texts, falling.
 */
export class StringTable {
  readonly bytes: Uint8Array;
  readonly #offsets = new Map<string, number>();

  constructor(texts: readonly string[]) {
    const sorted = [...new Set(texts)]
      .map((text) => ({ text, reversed: Buffer.from(text).reverse() }))
      .sort((a, b) => Buffer.compare(b.reversed, a.reversed));
    const parts: Uint8Array[] = [];
    let end = 0;
    let previous: Buffer | undefined;
    for (const { text, reversed } of sorted) {
      const isTail = previous?.subarray(0, reversed.length).equals(reversed) ?? false;
      if (!isTail) {
        parts.push(Buffer.from(`${text}\0`));
        end += reversed.length + 1;
      }
      this.#offsets.set(text, end - 1 - reversed.length);
      previous = reversed;
    }
    this.bytes = Buffer.concat(parts);
  }

  offset(text: string): number {
    return this.#offsets.get(text) ?? 0;
  }
}
