import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packagesIn } from '../fixtures.ts';
import { readBerkeley } from './berkeley.ts';
import { makeNdb, makePackage } from './fixtures.ts';
import { readNdb } from './ndb.ts';
import { rpmReader } from './reader.ts';

const PAGE = 512;

interface TestRecord {
  readonly key: number;
  readonly value: Buffer;
}

/** A hash of Berkeley DB with one page for all its records, each value on pages of its own. */
function makeBerkeley(records: readonly TestRecord[], isBig = false): Buffer {
  const word = (bytes: Buffer, value: number, at: number): unknown =>
    isBig ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
  const half = (bytes: Buffer, value: number, at: number): unknown =>
    isBig ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at);
  const meta = Buffer.alloc(PAGE);
  word(meta, 0x061561, 12);
  word(meta, 9, 16);
  word(meta, PAGE, 20);
  meta[25] = 8;
  const table = Buffer.alloc(PAGE);
  table[25] = 13;
  half(table, 2 * records.length, 20);
  const pages = [meta, table];
  let top = PAGE;
  for (const [index, { key, value }] of records.entries()) {
    const item = Buffer.alloc(5);
    item[0] = 1;
    word(item, key, 1);
    top -= item.copy(table, top - 5);
    half(table, top, 26 + 4 * index);
    const place = Buffer.alloc(12);
    place[0] = 3;
    word(place, pages.length, 4);
    word(place, value.length, 8);
    top -= place.copy(table, top - 12);
    half(table, top, 28 + 4 * index);
    for (let at = 0; at < value.length; at += PAGE - 26) {
      const page = Buffer.alloc(PAGE);
      page[25] = 7;
      const length = value.copy(page, 26, at, at + PAGE - 26);
      half(page, length, 22);
      if (at + length < value.length) word(page, pages.length + 1, 16);
      pages.push(page);
    }
  }
  return Buffer.concat(pages);
}

const HEADERS = ['alpha', 'beta', 'gamma'].map((name) =>
  makePackage(name, { 1004: { text: `${name} `.repeat(100) } }),
);
const RECORDS = HEADERS.map((value, index) => ({ key: 3 - index, value }));

describe('Berkeley DB', () => {
  it.each([false, true])('gives back its records by their numbers (big-endian: %s)', (isBig) => {
    const records = [...readBerkeley(makeBerkeley([{ key: 0, value: Buffer.alloc(4) }, ...RECORDS], isBig))];
    expect(records).toEqual([...HEADERS].reverse());
  });

  it('is found where RPM has it', async () => {
    const found = await packagesIn(rpmReader, 'var/lib/rpm/Packages', makeBerkeley(RECORDS));
    expect(found.map(({ name }) => name)).toEqual(['gamma', 'beta', 'alpha']);
    expect(await packagesIn(rpmReader, 'srv/Packages', makeBerkeley(RECORDS))).toEqual([]);
  });

  it('leaves out a value whose pages go round', () => {
    const bytes = makeBerkeley(RECORDS);
    bytes.writeUInt32LE(2, 2 * PAGE + 16);
    expect([...readBerkeley(bytes)]).toEqual([HEADERS[2], HEADERS[1]]);
  });
});

describe("RPM's own form", () => {
  it('gives back its headers', () => {
    expect([...readNdb(makeNdb(HEADERS))]).toEqual(HEADERS);
  });

  it.each(['usr/lib/sysimage/rpm/Packages.db', 'var/lib/rpm/Packages.db'])('is found at %s', async (path) => {
    const found = await packagesIn(rpmReader, path, makeNdb(HEADERS));
    expect(found.map(({ name }) => name)).toEqual(['alpha', 'beta', 'gamma']);
  });

  it.each([
    ['a number that is not that of its slot', 4100, 9],
    ['no magic number', 4096, 0],
    ['a length beyond the file', 4111, 0xff],
  ])('leaves out a blob with %s', (_what, at, value) => {
    const bytes = makeNdb(HEADERS);
    bytes[at] = value;
    expect([...readNdb(bytes)].length).toBeLessThan(3);
  });

  it('does not read one blob for many slots', () => {
    const bytes = makeNdb(HEADERS);
    for (let at = 32; at < 4096; at += 16) bytes.copy(bytes, at, 32, 48);
    const read = [...readNdb(bytes)].reduce((size, blob) => size + blob.length, 0);
    expect(read).toBeLessThanOrEqual(bytes.length);
  });
});

describe('hostile databases', () => {
  it.each([
    ['Berkeley DB', makeBerkeley(RECORDS), readBerkeley],
    ["RPM's own form", makeNdb(HEADERS), readNdb],
  ])('%s never throws', (_what, good, read) => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), fc.nat(good.length), (changes, end) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        const size = [...read(bytes.subarray(0, end < 64 ? bytes.length : end))].reduce(
          (sum, one) => sum + one.length,
          0,
        );
        expect(size).toBeLessThanOrEqual(2 * good.length);
      }),
    );
  });
});
