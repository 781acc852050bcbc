import type { Field } from './expand.ts';
import { known, unknown, type Value } from './value.ts';

/** What `echo` prints, as dash and bash do for texts without backslashes. */
export function echo(args: readonly Field[], isBash: boolean): Value {
  const isBare = args[0]?.known === true && args[0].text === '-n';
  const words = isBare ? args.slice(1) : args;
  const text = `${words.map((word) => word.text).join(' ')}${isBare ? '' : '\n'}`;
  if (!words.every((word) => word.known)) return unknown(text);
  if (/^-[neE]+$/.test(words[0]?.text ?? '')) return unknown(text);
  if (!text.includes('\\') || isBash) return known(text);
  const plain = text.replace(/\\([nt\\])/g, (_match, letter: string) => ESCAPES[letter] ?? '');
  return /\\[^nt\\]/.test(text) ? unknown(text) : known(plain);
}

/** What `printf` prints, for %s, %d and %%. */
export function printf(args: readonly Field[]): Value {
  const [format, ...rest] = args;
  if (!format || !args.every((arg) => arg.known)) return unknown('$(printf …)');
  const parts = format.text.split(/(%.|\\.)/s);
  const count = parts.filter((part) => part === '%s' || part === '%d').length;
  if (parts.some((part) => /^[%\\]/.test(part) && !/^(?:%[sd%]|\\[nt\\])$/.test(part)))
    return unknown('$(printf …)');
  const rounds = count === 0 ? 1 : Math.max(1, Math.ceil(rest.length / count));
  let next = 0;
  let text = '';
  for (let round = 0; round < rounds; round++) {
    for (const part of parts) {
      if (part === '%s') text += rest[next++]?.text ?? '';
      else if (part === '%d') {
        const value = rest[next++]?.text ?? '0';
        if (!/^-?\d{1,15}$/.test(value)) return unknown('$(printf …)');
        text += String(Number(value));
      } else text += part === '%%' ? '%' : part.startsWith('\\') ? (ESCAPES[part.slice(1)] ?? '') : part;
    }
  }
  return known(text);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };
