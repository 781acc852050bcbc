/** An ELF file with a table of these sections at its end. */
export function withSections(elf: Uint8Array, sections: Readonly<Record<string, Uint8Array>>): Buffer {
  const isWide = elf[4] === 2;
  const isLittle = elf[5] === 1;
  const number = (value: number, bytes: number): Buffer => {
    const little = Buffer.alloc(bytes);
    little.writeUIntLE(value, 0, Math.min(bytes, 6));
    return isLittle ? little : little.reverse();
  };
  const entries = Object.entries({ '': new Uint8Array(), ...sections });
  const names = `${entries.map(([name]) => name).join('\0')}\0.shstrtab\0`;
  const contents = [...entries, ['.shstrtab', Buffer.from(names)] as const];
  const address = isWide ? 8 : 4;
  let offset = elf.length;
  let nameAt = 0;
  const table = contents.map(([name, bytes], index) => {
    const entry = [
      number(nameAt, 4),
      number(index === 0 ? 0 : 1, 4),
      number(0, 2 * address),
      number(offset, address),
      number(bytes.length, address),
      number(0, 8 + 2 * address),
    ];
    offset += bytes.length;
    nameAt += name.length + 1;
    return Buffer.concat(entry);
  });
  const file = Buffer.concat([elf, ...contents.map(([, bytes]) => bytes), ...table]);
  const at = isWide ? { table: 40, sizes: 58, entry: 64 } : { table: 32, sizes: 46, entry: 40 };
  file.set(number(offset, address), at.table);
  for (const [index, value] of [at.entry, contents.length, contents.length - 1].entries())
    file.set(number(value, 2), at.sizes + 2 * index);
  return file;
}
