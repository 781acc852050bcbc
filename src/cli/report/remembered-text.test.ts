import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { Store } from '../../store/index.ts';
import { temporaryFolder } from '../../testing/commands.ts';
import { RememberedText } from './remembered-text.ts';

const TEXT = ['{"a": ', '1}\n'];

describe('a text that is kept', () => {
  let store: Store;
  let remove: () => Promise<void>;

  beforeEach(() => {
    const temporary = temporaryFolder();
    store = Store.open(temporary.folder);
    remove = temporary.remove;
  });
  afterEach(() => remove());

  async function keep(madeOf: unknown, pieces: readonly string[] = TEXT): Promise<void> {
    await new RememberedText(store, madeOf).keep(async (write) => {
      for (const piece of pieces) write(await Promise.resolve(Buffer.from(piece)));
    });
  }

  async function known(madeOf: unknown): Promise<string | undefined> {
    return (await new RememberedText(store, madeOf).read())?.toString();
  }

  it('is there for who asks for what it was made of, and for nobody else', async () => {
    await keep(['sources', 'image']);
    expect(await known(['sources', 'image'])).toBe(TEXT.join(''));
    expect(await known(['other sources', 'image'])).toBeUndefined();
    expect(await known(['sources', 'other image'])).toBeUndefined();
  });

  it('leaves no temporary file', async () => {
    await keep(['image']);
    expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
  });

  it('is not there when printing it fails', async () => {
    const text = new RememberedText(store, ['image']);
    const failing = text.keep((write) => {
      write(Buffer.from('half'));
      throw new Error('the reader went away');
    });
    await expect(failing).rejects.toThrow('the reader went away');
    expect(await text.read()).toBeUndefined();
    expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
  });

  it('is not kept if it is longer than 64 MiB', async () => {
    const piece = 'x'.repeat(1 << 20);
    await keep(
      ['long'],
      Array.from({ length: 64 }, () => piece),
    );
    await keep(['longer'], [...Array.from({ length: 64 }, () => piece), 'x']);
    expect((await known(['long']))?.length).toBe(64 << 20);
    expect(await known(['longer'])).toBeUndefined();
    expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
  });

  it('counts as unknown when it was damaged', async () => {
    await keep(['image']);
    const path = store.pathOf(digestOf(TEXT.join('')));
    truncateSync(path, statSync(path).size - 1);
    expect(await known(['image'])).toBeUndefined();
  });
});
