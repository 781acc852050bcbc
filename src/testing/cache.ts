import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, hexOf, type Digest } from '../core/index.ts';
import type { Cache } from '../distro/index.ts';

/** A cache in a temporary folder; its records are in memory. */
export interface TestCache extends Cache {
  folder: string;
  /** The records by `kind/key`. */
  records: Map<string, string>;
  remove(): Promise<void>;
}

export function createTestCache(): TestCache {
  const folder = mkdtempSync(join(tmpdir(), 'pith-cache-'));
  const records = new Map<string, string>();
  const pathOf = (digest: Digest): string => join(folder, hexOf(digest));
  return {
    folder,
    records,
    pathOf,
    sizeOf: (digest) => statSync(pathOf(digest), { throwIfNoEntry: false })?.size,
    readBlob: async (digest) => {
      if (!statSync(pathOf(digest), { throwIfNoEntry: false })) return undefined;
      const bytes = readFileSync(pathOf(digest));
      if (digestOf(bytes) === digest) return bytes;
      await rm(pathOf(digest));
      return undefined;
    },
    writeBlob: async (bytes) => {
      const digest = digestOf(bytes);
      await writeFile(pathOf(digest), bytes);
      return digest;
    },
    temporaryPath: () => join(folder, `tmp-${randomUUID()}`),
    adopt: (path, digest) => rename(path, pathOf(digest)),
    readRecord: (kind, key) => {
      const text = records.get(`${kind}/${key}`);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    writeRecord: (kind, key, value) => {
      records.set(`${kind}/${key}`, JSON.stringify(value));
      return Promise.resolve();
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
