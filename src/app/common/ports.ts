/** Text of a program that is searched for ports. */
export const PEEK = 1 << 20;
/** A larger program is a bundle, which holds the code of its dependencies, too. */
const MAX_OWN = 128 << 10;

const PORT_DEFAULT = /\bPORT\b["'\])]*\s{0,4}(?:\|\||\?\?|,)\s{0,4}["']?(\d[\de]{0,4})\b/g;
const LISTEN = /\.listen\(\s{0,20}(\d{1,5})\s{0,20}[,)]/g;
const UNDER_PORT = /\bport\s{0,4}[:=]\s{0,4}(\d{1,5})\b/g;

/**
 * Ports that a JavaScript program listens on, as far as its text says so in one of the usual ways: `PORT || 3000`, `listen(3000`.
 * @returns such as `3000/tcp`, at most four
 */
export function portsOfJavaScript(text: string): string[] {
  const patterns = text.length > MAX_OWN ? [PORT_DEFAULT] : [PORT_DEFAULT, LISTEN];
  return findPorts(text, patterns, /^[ \t]{0,200}(?:\/\/|\*).*$/gm);
}

/** The same of a Python program: `os.environ.get("PORT", 8000)`, `port=8000`. */
export function portsOfPython(text: string): string[] {
  return findPorts(text, [PORT_DEFAULT, UNDER_PORT], /^[ \t]{0,200}#.*$/gm);
}

function findPorts(text: string, patterns: readonly RegExp[], comments: RegExp): string[] {
  const code = text.slice(0, PEEK).replace(comments, '');
  const found = patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].slice(0, 20).map((match) => Number(match[1])),
  );
  return [...new Set(found.filter(isPort))].slice(0, 4).map((port) => `${port}/tcp`);
}

/** Whether a number is one of a TCP port that can be listened on. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65536;
}
