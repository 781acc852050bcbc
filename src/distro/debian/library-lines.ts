/** A line of a library is shorter: a path has at most 4096 bytes. What is longer is passed over. */
export const LONGEST_LINE = 16 * 1024;
const LINE_END = 10;
const MARK = Buffer.from('.so');
/** What the paths of libraries in the folders of the system begin with. */
const FOLDERS = ['lib/', 'usr/lib/'].map((folder) => Buffer.from(folder));

/**
 * Gives the lines of a text that begin with a path below `lib` or `usr/lib` and have `.so` in them, without their ends;
 * text is handled byte for byte (as Latin-1). Nothing else is decoded or kept: an index of contents has two million
 * lines, and a hundredth of them are of interest.
 */
export async function readLibraryLines(
  chunks: AsyncIterable<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const start = new LineStart();
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const first = bytes.indexOf(LINE_END) + 1;
    if (first === 0) {
      start.append(bytes);
      continue;
    }
    start.append(bytes.subarray(0, first - 1));
    readLines(start.take(), onLine);
    const last = bytes.lastIndexOf(LINE_END) + 1;
    readLines(bytes.subarray(first, last), onLine);
    start.append(bytes.subarray(last));
  }
  readLines(start.take(), onLine);
}

/** The beginning of a line whose end has not come yet. */
class LineStart {
  readonly #bytes = Buffer.allocUnsafe(LONGEST_LINE);
  #length = 0;

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length <= LONGEST_LINE) this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was appended since the last time; nothing if it is longer than any line may be. */
  take(): Buffer {
    const length = this.#length > LONGEST_LINE ? 0 : this.#length;
    this.#length = 0;
    return this.#bytes.subarray(0, length);
  }
}

function readLines(bytes: Buffer, onLine: (line: string) => void): void {
  for (let at = bytes.indexOf(MARK); at >= 0;) {
    const from = bytes.lastIndexOf(LINE_END, at) + 1;
    const found = bytes.indexOf(LINE_END, at);
    const to = found < 0 ? bytes.length : found;
    if (to - from <= LONGEST_LINE && isBelowFolder(bytes, from)) onLine(bytes.toString('latin1', from, to));
    at = bytes.indexOf(MARK, to);
  }
}

function isBelowFolder(bytes: Buffer, from: number): boolean {
  return FOLDERS.some(
    (folder) => bytes[from] === folder[0] && bytes.subarray(from, from + folder.length).equals(folder),
  );
}
