/** What `%` and a letter stand for in sysusers.d(5) and tmpfiles.d(5), where that is the same on every machine. */
const SPECIFIERS: ReadonlyMap<string, string> = new Map([
  ['%', '%'],
  ['C', '/var/cache'],
  ['G', '0'],
  ['L', '/var/log'],
  ['S', '/var/lib'],
  ['T', '/tmp'],
  ['U', '0'],
  ['V', '/var/tmp'],
  ['g', 'root'],
  ['h', '/root'],
  ['t', '/run'],
  ['u', 'root'],
]);
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
};

/** The lines of a configuration file of systemd that are not empty and no comments. */
export function configurationLines(content: Uint8Array): string[] {
  const lines = Buffer.from(content).toString('utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * The first words of a line, with quotes and backslashes taken off, and the rest as it is.
 * @returns undefined where a quote does not end
 */
export function splitWords(line: string, count: number): { words: string[]; rest: string } | undefined {
  const words: string[] = [];
  let at = 0;
  while (words.length < count) {
    while (/\s/.test(line[at] ?? '')) at++;
    if (at >= line.length) break;
    let word = '';
    let quote = '';
    for (; at < line.length && (quote !== '' || !/\s/.test(line[at] ?? '')); at++) {
      const char = line[at] ?? '';
      if (char === '\\' && at + 1 < line.length) {
        const escape = readEscape(line, at + 1);
        word += escape.text;
        at = escape.end;
      } else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      else word += char;
    }
    if (quote !== '') return undefined;
    words.push(word);
  }
  return { words, rest: line.slice(at).trim() };
}

/** A text with the escapes of C (strings of tmpfiles.d(5)). */
export function unescapeText(text: string): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\' || at + 1 >= text.length) result += text[at] ?? '';
    else {
      const escape = readEscape(text, at + 1);
      result += escape.text;
      at = escape.end;
    }
  }
  return result;
}

function readEscape(text: string, at: number): { text: string; end: number } {
  const letter = text[at] ?? '';
  const hex = letter === 'x' ? /^[0-9a-fA-F]{2}/.exec(text.slice(at + 1, at + 3))?.[0] : undefined;
  if (hex !== undefined) return { text: String.fromCharCode(Number.parseInt(hex, 16)), end: at + 2 };
  const octal = /^[0-3][0-7]{2}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) return { text: String.fromCharCode(Number.parseInt(octal, 8)), end: at + 2 };
  return { text: Object.hasOwn(ESCAPES, letter) ? (ESCAPES[letter] ?? '') : letter, end: at };
}

/** Puts in what specifiers stand for. Undefined where one stands for something of the running machine. */
export function expandSpecifiers(text: string): string | undefined {
  const parts = text
    .split(/(%.?)/s)
    .map((part) => (part.startsWith('%') ? SPECIFIERS.get(part.slice(1)) : part));
  return parts.includes(undefined) ? undefined : parts.join('');
}
