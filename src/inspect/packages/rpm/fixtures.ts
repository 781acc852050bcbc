/** Number of a type of data: texts by their kind, or a number of bytes. */
type TestValue =
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly numbers: readonly number[]; readonly width: 1 | 2 | 4 | 8 };

/** A header of RPM's database (RPM Reference Manual, "Package format") of these tags. */
export function makeHeader(tags: Readonly<Record<number, TestValue>>): Buffer {
  const entries: Buffer[] = [];
  const contents: Buffer[] = [];
  let offset = 0;
  for (const [tag, value] of Object.entries(tags)) {
    const { type, count, bytes } = encode(value);
    entries.push(words([Number(tag), type, offset, count]));
    contents.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat([words([entries.length, offset]), ...entries, ...contents]);
}

/** What a small package says, with these tags in place of its own. */
export function makePackage(name: string, more: Readonly<Record<number, TestValue>> = {}): Buffer {
  return makeHeader({
    1000: { text: name },
    1001: { text: '1.2' },
    1002: { text: '3.fc40' },
    1014: { text: 'MIT' },
    1022: { text: 'x86_64' },
    ...more,
  });
}

/** `Packages.db`: a page of slots, then the blobs, each between its head and its tail. */
export function makeNdb(headers: readonly Buffer[]): Buffer {
  const slots = [Buffer.concat([Buffer.from('RpmP'), little([0, 7, 1, headers.length + 1, 0, 0, 0])])];
  const blobs: Buffer[] = [];
  let at = 4096;
  for (const [index, header] of headers.entries()) {
    const padding = Buffer.alloc((16 - ((16 + header.length + 12) % 16)) % 16);
    const number = index + 1;
    const blob = Buffer.concat([
      Buffer.from('BlbS'),
      little([number, 7, header.length]),
      header,
      padding,
      little([0, header.length]),
      Buffer.from('BlbE'),
    ]);
    slots.push(Buffer.concat([Buffer.from('Slot'), little([number, at / 16, blob.length / 16])]));
    blobs.push(blob);
    at += blob.length;
  }
  const free = Buffer.concat([Buffer.from('Slot'), little([0, 0, 0])]);
  while (slots.reduce((size, slot) => size + slot.length, 0) < 4096) slots.push(free);
  return Buffer.concat([...slots, ...blobs]);
}

function encode(value: TestValue): { type: number; count: number; bytes: Buffer } {
  if ('text' in value) return { type: 6, count: 1, bytes: Buffer.from(`${value.text}\0`) };
  if ('texts' in value)
    return {
      type: 8,
      count: value.texts.length,
      bytes: Buffer.from(value.texts.map((text) => `${text}\0`).join('')),
    };
  const bytes = value.numbers.map((number) => {
    const big = Buffer.alloc(8);
    big.writeBigUInt64BE(BigInt(number));
    return big.subarray(8 - value.width);
  });
  const type = { 1: 1, 2: 3, 4: 4, 8: 5 }[value.width];
  return { type, count: value.numbers.length, bytes: Buffer.concat(bytes) };
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

function little(values: readonly number[]): Buffer {
  return words(values).swap32();
}
