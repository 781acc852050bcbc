/** Longer lines are shown as several, so that no key has to go through a file that is one line. */
const MAX_LINE = 4096;
const HEX_ROW = 16;
const TAB = 8;
/** Bytes at the beginning by which text is told from other content. */
const PROBE = 8192;

/** The content of a file on the screen. */
export interface Viewer {
  readonly kind: 'viewer';
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Where lines begin. */
  readonly starts: Uint32Array;
  readonly form: 'text' | 'hex';
  /** Number of the first line (or row of 16 bytes) on the screen. */
  readonly top: number;
  /** Cells that are scrolled away on the left. */
  readonly left: number;
  readonly search: string;
  /** Where in the bytes the search was found last. */
  readonly found?: number;
}

export function openViewer(id: number, bytes: Uint8Array): Viewer {
  const form = isText(bytes) ? 'text' : 'hex';
  return { kind: 'viewer', id, bytes, starts: lineStarts(bytes), form, top: 0, left: 0, search: '' };
}

/** Whether bytes are text: no NUL, and hardly any other controls, among the first ones. */
export function isText(bytes: Uint8Array): boolean {
  const probe = bytes.subarray(0, PROBE);
  let controls = 0;
  for (const byte of probe) {
    if (byte === 0) return false;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1b)
      controls++;
  }
  return controls * 50 <= probe.length;
}

function lineStarts(bytes: Uint8Array): Uint32Array {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length;) {
    starts.push(at);
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline + 1;
    let next = Math.min(end, at + MAX_LINE);
    // Not in the middle of a character.
    while (next < end && ((bytes[next] ?? 0) & 0xc0) === 0x80) next++;
    at = next;
  }
  return Uint32Array.from(starts);
}

export function lineCount({ form, starts, bytes }: Viewer): number {
  return form === 'text' ? starts.length : Math.ceil(bytes.length / HEX_ROW);
}

/** One line, as {@link showText} can take it: without its end, tabs as blanks. */
export function lineAt(viewer: Viewer, line: number): string {
  return viewer.form === 'text' ? textAt(viewer, line) : hexAt(viewer.bytes, line * HEX_ROW);
}

function textAt({ bytes, starts }: Viewer, line: number): string {
  const start = starts[line] ?? bytes.length;
  const end = starts[line + 1] ?? bytes.length;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  const [first = '', ...pieces] = text.replace(/\r?\n$/, '').split('\t');
  return pieces.reduce((sum, piece) => sum + ' '.repeat(TAB - (sum.length % TAB)) + piece, first);
}

/** Offset, bytes and their characters, as `hexdump -C` shows them. */
function hexAt(bytes: Uint8Array, offset: number): string {
  const row = bytes.subarray(offset, offset + HEX_ROW);
  const hex = Array.from({ length: HEX_ROW }, (_, at) => row[at]?.toString(16).padStart(2, '0') ?? '  ');
  const text = Array.from(row, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  ).join('');
  const [low, high] = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')];
  return `${offset.toString(16).padStart(8, '0')}  ${low}  ${high}  ${text}`;
}

/** The other form, at the same place. */
export function switchForm(viewer: Viewer): Viewer {
  const offset = offsetOf(viewer, viewer.top);
  const form = viewer.form === 'text' ? 'hex' : 'text';
  return { ...viewer, form, left: 0, top: lineOf({ ...viewer, form }, offset) };
}

function offsetOf({ form, starts, bytes }: Viewer, line: number): number {
  return form === 'text' ? (starts[line] ?? bytes.length) : line * HEX_ROW;
}

function lineOf({ form, starts }: Viewer, offset: number): number {
  if (form === 'hex') return Math.floor(offset / HEX_ROW);
  let [low, high] = [0, starts.length];
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

/** The next place of a text after the last one, or the one before it; from the other end if there is none. */
export function find(viewer: Viewer, search: string, direction: 1 | -1): Viewer | undefined {
  const bytes = Buffer.from(viewer.bytes.buffer, viewer.bytes.byteOffset, viewer.bytes.length);
  const from =
    search === viewer.search && viewer.found !== undefined ? viewer.found : offsetOf(viewer, viewer.top) - 1;
  const next =
    direction > 0
      ? bytes.indexOf(search, Math.max(0, from + 1))
      : from > 0
        ? bytes.lastIndexOf(search, from - 1)
        : -1;
  const found = next >= 0 ? next : direction > 0 ? bytes.indexOf(search) : bytes.lastIndexOf(search);
  return found < 0 ? undefined : { ...viewer, search, found, top: lineOf(viewer, found) };
}

/** The line of the match. */
export function foundLine(viewer: Viewer): number | undefined {
  return viewer.found === undefined ? undefined : lineOf(viewer, viewer.found);
}
