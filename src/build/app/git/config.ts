/** Values by section and name, such as `remote.origin.url`; of several, in their order. */
export type GitConfig = ReadonlyMap<string, readonly string[]>;

/** `[remote "origin"]`, `[core]`; the old form `[branch.main]` is in lower case. */
const SECTION = /^\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\\n]|\\.)*)")?\s*\]/;
const NAME = /^\s*([A-Za-z][\w-]*)\s*(=?)/;

/**
 * Reads a configuration file of git (git-config(1), "Syntax"). Other files that it includes are not followed.
 * @returns undefined for one that git would not read either
 */
export function parseGitConfig(text: string): GitConfig | undefined {
  const values = new Map<string, string[]>();
  let section: string | undefined;
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at] ?? '';
    const header = SECTION.exec(line);
    if (header) {
      const [whole, name = '', sub] = header;
      section = name.toLowerCase() + (sub === undefined ? '' : `.${sub.replace(/\\(.)/g, '$1')}`);
      line = line.slice(whole.length);
    }
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const [whole, name, sign] = NAME.exec(line) ?? [];
    if (whole === undefined || name === undefined || section === undefined) return undefined;
    let rest = line.slice(whole.length);
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(rest) && at + 1 < lines.length)
      rest = `${rest.slice(0, -1)}${lines[++at] ?? ''}`;
    const value = sign === '=' ? valueOf(rest) : 'true';
    if (value === undefined) return undefined;
    const key = `${section}.${name.toLowerCase()}`;
    const known = values.get(key);
    if (known) known.push(value);
    else values.set(key, [value]);
  }
  return values;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b', '"': '"', '\\': '\\' };

/** A value without its comment, quotes, escapes, and the blanks around it. */
function valueOf(text: string): string | undefined {
  let value = '';
  /** Blanks behind it are no part of the value. */
  let end = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (letter === '\\') {
      const meant = ESCAPES[text[++at] ?? ''];
      if (meant === undefined) return undefined;
      value += meant;
      end = value.length;
    } else if (letter === '"') {
      isQuoted = !isQuoted;
      end = value.length;
    } else if (!isQuoted && (letter === '#' || letter === ';')) break;
    else if (isQuoted || !/\s/.test(letter)) {
      value += letter;
      end = value.length;
    } else if (value !== '') value += letter;
  }
  return isQuoted ? undefined : value.slice(0, end);
}
