/** A member of an object in JSON text, by offsets. */
interface Member {
  readonly name: string;
  readonly nameStart: number;
  readonly valueStart: number;
  readonly end: number;
}

interface ObjectText {
  readonly members: readonly Member[];
  /** Offset of the closing brace. */
  readonly close: number;
}

export interface AuthsChange {
  /** Keys whose entries go. */
  readonly drop: readonly string[];
  /** An entry that comes, its value being texts. */
  readonly add?: { readonly key: string; readonly value: Readonly<Record<string, string>> };
}

/**
 * Changes entries of `auths` in the text of an auth file. Everything else stays as it is written, to the byte, whatever
 * it means: large numbers, the order of keys, indentation.
 * @param text an object that JSON.parse takes, or nothing
 */
export function editAuths(text: string, change: AuthsChange): string {
  const { drop, add } = change;
  const start = text.indexOf('{');
  if (start < 0) return editAuths('{}', change);
  const root = readObject(text, start);
  const unit = /^\{[ \t\r]*\n([ \t]+)"/.exec(text.slice(start))?.[1] ?? '\t';
  // As with JSON.parse, the last of members with one name counts.
  const auths = root.members.findLast(({ name }) => name === 'auths');
  const kept = auths && text[auths.valueStart] === '{' ? readObject(text, auths.valueStart).members : [];
  const entries = kept
    .filter(({ name }) => !drop.includes(name) && name !== add?.key)
    .map(({ nameStart, end }) => text.slice(nameStart, end));
  if (add) entries.push(`${JSON.stringify(add.key)}: ${renderEntry(add.value, unit)}`);
  const value = renderMembers(entries, unit, unit);
  if (auths) return text.slice(0, auths.valueStart) + value + text.slice(auths.end);
  if (!add) return text;
  const last = root.members.at(-1);
  const before = last ? `${text.slice(0, last.end)},` : text.slice(0, start + 1);
  return `${before}\n${unit}"auths": ${value}\n${text.slice(root.close)}`;
}

function renderEntry(value: Readonly<Record<string, string>>, unit: string): string {
  const members = Object.entries(value).map(
    ([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`,
  );
  return renderMembers(members, unit, unit.repeat(2));
}

/** An object of members as text, in a line that begins with `indent`. */
function renderMembers(members: readonly string[], unit: string, indent: string): string {
  if (members.length === 0) return '{}';
  return `{\n${members.map((member) => indent + unit + member).join(',\n')}\n${indent}}`;
}

/** The members of the object that begins at an offset of a text that is JSON. */
function readObject(text: string, start: number): ObjectText {
  const members: Member[] = [];
  for (let at = skipSpace(text, start + 1); ; at = skipSpace(text, at + 1)) {
    if (text[at] !== '"') return { members, close: at };
    const nameEnd = skipString(text, at);
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = skipValue(text, valueStart);
    members.push({ name: JSON.parse(text.slice(at, nameEnd)) as string, nameStart: at, valueStart, end });
    at = skipSpace(text, end);
    if (text[at] !== ',') return { members, close: at };
  }
}

function skipSpace(text: string, at: number): number {
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

function skipString(text: string, at: number): number {
  for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
  return at + 1;
}

function skipValue(text: string, at: number): number {
  let depth = 0;
  while (at < text.length) {
    const sign = text.charAt(at);
    if (sign === '"') at = skipString(text, at);
    else if ('{['.includes(sign)) [depth, at] = [depth + 1, at + 1];
    else if ('}]'.includes(sign)) [depth, at] = [depth - 1, at + 1];
    else if (depth > 0) at++;
    else while (/[^\s,}\]]/.test(text[at] ?? '')) at++;
    if (depth === 0) break;
  }
  return at;
}
