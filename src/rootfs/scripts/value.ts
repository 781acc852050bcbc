/** Longest text that a variable or a file of a script may hold. */
const LONGEST = 16_384;

/** A text of a script. Where it is not known, the text is what the script says in its place, for reports. */
export interface Value {
  readonly text: string;
  readonly known: boolean;
}

export const EMPTY: Value = { text: '', known: true };

/** A known text; one that is too long counts as unknown. */
export function known(text: string): Value {
  return text.length > LONGEST ? unknown(text) : { text, known: true };
}

export function unknown(text: string): Value {
  return { text: text.length > 60 ? `${text.slice(0, 60)}…` : text, known: false };
}

/** The texts one after the other; unknown if one of them is. */
export function concat(values: readonly Value[]): Value {
  const [first] = values;
  if (values.length === 1 && first) return first;
  const text = values.map((value) => value.text).join('');
  return values.every((value) => value.known)
    ? known(text)
    : { ...unknown(''), text: text.slice(0, LONGEST) };
}

/** A text without the characters of one kind at its end; in time that its length bounds, as no expression would. */
export function trimEnd(text: string, char: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === char) end--;
  return text.slice(0, end);
}

/** 0 for success; undefined where it is not known. */
export type Status = number | undefined;
