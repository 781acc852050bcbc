/** Characters that act on a terminal, have no shape, or stand for bytes that are not UTF-8; and the backslash, so that escapes are told from names. */
const UNSAFE = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A name from outside (a path, the target of a link …) as it may be shown: what is not plain text is written as `\n`, `\t`,
 * `\x1b` for a control character or a byte that is not UTF-8, or `\u{202e}`. Different names stay different.
 */
export function escapeName(name: string): string {
  return name.replace(UNSAFE, (character) => {
    const short = SHORT[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return hex(code);
    return code >= 0xdc80 && code <= 0xdcff ? hex(code - 0xdc00) : `\\u{${code.toString(16)}}`;
  });
}

/** JSON in which no character acts on a terminal; read again, it is the same value. */
export function safeJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, undefined, indent).replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => {
      const unit = character.charCodeAt(at).toString(16);
      return `\\u${unit.padStart(4, '0')}`;
    }).join(''),
  );
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}
