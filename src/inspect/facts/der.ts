/** First bytes of DER values (ITU-T X.690, 8.1.2). */
export const DER = { SEQUENCE: 0x30, OCTETS: 0x04, CONTEXT_0: 0xa0 } as const;

/**
 * A value in the distinguished encoding rules (ITU-T X.690, 8.1): tag, length, content.
 * @returns where its content begins and the value ends; nothing if it does not have this tag or ends behind the bytes
 */
export function derValue(
  bytes: Uint8Array,
  at: number,
  tag: number,
): { start: number; end: number } | undefined {
  const first = bytes[at + 1];
  if (bytes[at] !== tag || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || more > 4) return undefined;
  let length = more === 0 ? first : 0;
  for (let index = 0; index < more; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + more;
  return start + length > bytes.length ? undefined : { start, end: start + length };
}
