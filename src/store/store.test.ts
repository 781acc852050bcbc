import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import { Store } from './store.ts';

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-store-'));
  store = Store.open(folder);
});

describe('blobs', () => {
  it('are found by the digest of their bytes', async () => {
    const digest = await store.writeBlob(Buffer.from('hello'));
    expect(digest).toBe(digestOf('hello'));
    expect(store.sizeOf(digest)).toBe(5);
    expect((await store.readBlob(digest))?.toString()).toBe('hello');
    expect(readFileSync(store.pathOf(digest), 'utf8')).toBe('hello');
  });

  it('that are absent are undefined, and an empty store makes no folder', async () => {
    expect(store.sizeOf(digestOf('x'))).toBeUndefined();
    expect(await store.readBlob(digestOf('x'))).toBeUndefined();
    expect(store.list()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['hellO', 'hell', 'hello!'])(
    'that were changed on disk to %j count as absent and are removed',
    async (damage) => {
      const digest = await store.writeBlob(Buffer.from('hello'));
      writeFileSync(store.pathOf(digest), damage);
      expect(await store.readBlob(digest)).toBeUndefined();
      expect(store.sizeOf(digest)).toBeUndefined();
      await store.writeBlob(Buffer.from('hello'));
      expect((await store.readBlob(digest))?.toString()).toBe('hello');
    },
  );

  it('are adopted from finished files', async () => {
    const path = store.temporaryPath();
    writeFileSync(path, 'big');
    await store.adopt(path, digestOf('big'));
    expect(existsSync(path)).toBe(false);
    expect((await store.readBlob(digestOf('big')))?.toString()).toBe('big');
  });

  it('may be written by many at once', async () => {
    const others = Array.from({ length: 8 }, () => Store.open(folder));
    await Promise.all(
      others.flatMap((other) => ['a', 'b', 'c'].map((text) => other.writeBlob(Buffer.from(text)))),
    );
    expect(store.list().map(({ kind }) => kind)).toEqual(['blob', 'blob', 'blob']);
  });
});

describe('records', () => {
  it('come back as they were, by kind and key', async () => {
    await store.writeRecord('suite', 'trixie', { date: 1, files: ['a'] });
    expect(store.readRecord('suite', 'trixie')).toEqual({ date: 1, files: ['a'] });
    expect(store.readRecord('suite', 'bookworm')).toBeUndefined();
    expect(store.readRecord('other', 'trixie')).toBeUndefined();
  });

  it('may have any text as key, and none leads out of the store', async () => {
    for (const key of ['../../../etc/passwd', 'http://a/b?c', '', 'X'.repeat(500)]) {
      await store.writeRecord('k', key, key);
      expect(store.readRecord('k', key)).toBe(key);
    }
    expect(readdirSync(dirname(store.root))).toEqual(['v1']);
  });

  it.each(['', 'garbage', '{"date":2}'])('that were damaged to %j count as absent', async (damage) => {
    await store.writeRecord('suite', 'trixie', { date: 1 });
    const [entry] = store.list();
    writeFileSync(entry?.path ?? '', damage);
    expect(store.readRecord('suite', 'trixie')).toBeUndefined();
  });
});

describe('looking after the store', () => {
  it('verify removes exactly what is damaged', async () => {
    const good = await store.writeBlob(Buffer.from('good'));
    const bad = await store.writeBlob(Buffer.from('bad'));
    await store.writeRecord('k', 'good', 1);
    await store.writeRecord('k', 'bad', 2);
    writeFileSync(store.pathOf(bad), 'BAD');
    const record = store.list().find(({ name }) => name === 'k/bad');
    writeFileSync(record?.path ?? '', 'x');
    expect((await store.verify()).map(({ name }) => name).sort()).toEqual(['k/bad', bad].sort());
    expect(store.sizeOf(good)).toBe(4);
    expect(store.readRecord('k', 'good')).toBe(1);
    expect(await store.verify()).toEqual([]);
  });

  it('prune removes what was not used since then, and temporary files that were abandoned', async () => {
    const [old, fresh] = [
      await store.writeBlob(Buffer.from('old')),
      await store.writeBlob(Buffer.from('new')),
    ];
    const [dead, live] = [store.temporaryPath(), store.temporaryPath()];
    writeFileSync(dead, '');
    writeFileSync(live, '');
    const past = new Date(Date.now() - 7 * 86400e3);
    utimesSync(store.pathOf(old), past, past);
    utimesSync(dead, past, past);
    const removed = await store.prune(Date.now() - 86400e3, Date.now());
    expect(removed.map(({ path }) => path).sort()).toEqual([store.pathOf(old), dead].sort());
    expect(store.sizeOf(fresh)).toBe(3);
    expect(existsSync(live)).toBe(true);
  });

  it('an interrupted process can remove what it has under way', () => {
    const path = store.temporaryPath();
    writeFileSync(path, 'half');
    store.removeTemporary();
    expect(existsSync(path)).toBe(false);
  });
});
