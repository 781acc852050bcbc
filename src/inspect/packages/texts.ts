/** Longer ones are no names, versions or licences that a tool would take. */
const MAX_NAME = 512;
const MAX_VERSION = 256;
const MAX_LICENCE = 512;
const MAX_LICENCES = 256;
const MAX_SUMMARY = 512;
/** Lines of a list of files; packages have up to 250,000. */
const MAX_LINES = 1_000_000;
/** PATH_MAX of Linux. */
const MAX_PATH = 4096;
/** Characters of all paths of one database; those of 500,000 files have 40 million. */
const MAX_PATHS = 128 << 20;

/** A name as it stands, without space around it; nothing if it is none. */
export function soundName(text: unknown): string | undefined {
  return soundText(text, MAX_NAME);
}

/** A version as it stands, without space around it; nothing if it is none. */
export function soundVersion(text: unknown): string | undefined {
  return soundText(text, MAX_VERSION);
}

/** The first line of a description, cut where it is very long. */
export function soundSummary(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const line = text.trim().split('\n', 1)[0]?.trim().slice(0, MAX_SUMMARY) ?? '';
  return line === '' ? undefined : line;
}

/** Licences as they are declared, each once; those that are no short text are left out. */
export function soundLicences(texts: Iterable<unknown>): string[] {
  const sound = new Set<string>();
  for (const text of texts) {
    const licence = soundText(text, MAX_LICENCE);
    if (licence !== undefined && sound.size < MAX_LICENCES) sound.add(licence);
  }
  return [...sound];
}

/** The lines of a list, with either end of line, up to a limit. */
export function linesOf(text: string, limit = MAX_LINES): string[] {
  return text.split(/\r?\n/, limit);
}

/** A path in the image without a slash at either end, `.` and `..` resolved; nothing for the root and what leads out of it. */
export function imagePath(path: string): string | undefined {
  if (path === '' || path.length > MAX_PATH || path.includes('\0')) return undefined;
  const plain = path.startsWith('/') ? path.slice(1) : path;
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(plain)) return plain;
  const parts: string[] = [];
  for (const part of plain.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

function soundText(text: unknown, limit: number): string | undefined {
  if (typeof text !== 'string' || text.length > 2 * limit) return undefined;
  const trimmed = text.trim();
  return trimmed === '' || trimmed.length > limit || hasControlCharacter(trimmed) ? undefined : trimmed;
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

/** Makes paths of folders and names, up to a bound: a few bytes of names in a long folder would become very much. */
export class PathMaker {
  #left = MAX_PATHS;

  /** As {@link imagePath}; nothing when there were enough. */
  of(folder: string, name: string): string | undefined {
    this.#left -= folder.length + name.length;
    return this.#left < 0 ? undefined : imagePath(`${folder}${name}`);
  }
}
