import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/index.ts';
import { succeed, temporaryFolder } from '../../../testing/commands.ts';
import { describeWith } from '../../../testing/tools.ts';
import { SqliteFile, type SqliteValue } from './sqlite.ts';

const WRITE = `
import sqlite3, sys
path, page, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = sqlite3.connect(path)
db.execute('PRAGMA page_size = %d' % page)
db.execute('PRAGMA journal_mode = WAL')
db.execute('CREATE TABLE Other (a)')
db.execute('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL, other)')
db.execute('CREATE INDEX by_other ON Packages (other)')
for n in range(rows):
    others = [None, n, -n, n << 40, -(n << 20), 'text %d' % n, 0, 1, n / 3, b'']
    db.execute('INSERT INTO Packages (blob, other) VALUES (?, ?)', (bytes([n % 251]) * (n * n % 20011), others[n % len(others)]))
for n in range(0, rows, 7):
    db.execute('DELETE FROM Packages WHERE hnum = ?', (n + 1,))
db.commit()
db.close()
`;

describeWith('a database of SQLite', { tools: ['python3'] }, () => {
  const { folder, remove } = temporaryFolder();
  afterAll(remove);

  async function write(pageSize: number, rows: number): Promise<Buffer> {
    const path = join(folder, `${pageSize}-${rows}.db`);
    await succeed('python3', ['-c', WRITE, path, String(pageSize), String(rows)]);
    return readFileSync(path);
  }

  it.each([
    [512, 1000],
    [1024, 10],
    [4096, 3000],
    [65536, 400],
    [4096, 0],
  ])('with pages of %d bytes gives back its %d rows', async (pageSize, count) => {
    const rows = [...(SqliteFile.open(await write(pageSize, count))?.rows('Packages') ?? [])];
    const expected = Array.from({ length: count }, (_none, n) => n)
      .filter((n) => n % 7 !== 0)
      .map((n) => {
        const others = [undefined, n, -n, n * 2 ** 40, -n * 2 ** 20, `text ${n}`, 0, 1, undefined, ''];
        return [digestOf(Buffer.alloc((n * n) % 20011, n % 251)), others[n % others.length]];
      });
    const textOf = (value: SqliteValue): SqliteValue => (Buffer.isBuffer(value) ? value.toString() : value);
    const ours = rows.map(([, blob, other]) => [
      Buffer.isBuffer(blob) ? digestOf(blob) : blob,
      textOf(other),
    ]);
    expect(ours).toEqual(expected);
  });

  it('has no rows of a table that is not there', async () => {
    const file = SqliteFile.open(await write(1024, 11));
    expect([...(file?.rows('Nothing') ?? [])]).toEqual([]);
  });

  it('never throws and never ends late, whatever bytes are there', async () => {
    const good = await write(512, 300);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), fc.nat(good.length), (changes, end) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        const rows = [
          ...(SqliteFile.open(bytes.subarray(0, end < 100 ? bytes.length : end))?.rows('Packages') ?? []),
        ];
        expect(rows.length).toBeLessThan(good.length);
      }),
    );
  });
});

describe('another file', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(4096)],
    ['the magic number alone', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4080)])],
  ])('is none: %s', (_what, bytes) => {
    expect(SqliteFile.open(bytes)).toBeUndefined();
  });
});
