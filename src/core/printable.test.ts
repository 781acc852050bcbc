import { expect, it } from 'vitest';
import { printable } from './printable.ts';

it.each([
  ['letters of any language stay', 'Grüße, 你好 🙂', 'Grüße, 你好 🙂'],
  ['line ends and tabs stay', 'a\tb\nc', 'a\tb\nc'],
  ['an escape sequence does nothing any more', '\x1b[2J\x1b]0;title\x07x', '[2J]0;titlex'],
  ['neither does one of eight bits', '\x9b31mred', '31mred'],
  ['a carriage return does not overwrite', 'good\rbad', 'goodbad'],
  ['the order of reading stays', 'a\u202eb\u2066c\u200fd', 'abcd'],
])('%s', (_what, text, safe) => {
  expect(printable(text)).toBe(safe);
});
