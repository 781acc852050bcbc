import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadKeyring, parseKeys } from './keyring.ts';

const FOLDER = join(import.meta.dirname, '../../../catalogue/keys/debian');

interface KeyRecord {
  file: string;
  fingerprint: string;
  signingSubkeys: string[];
  userId: string;
  expires: string;
  origin: { package: string; version: string; path: string };
}

const records = JSON.parse(readFileSync(join(FOLDER, 'keys.json'), 'utf8')) as KeyRecord[];

describe('the keys of the Debian archive', () => {
  it('are listed, every file of them', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.asc'));
    expect(records.map((record) => record.file)).toEqual(files.sort());
  });

  it.each(records)('$file is the key that keys.json describes', async (record) => {
    const keys = await parseKeys(loadKeyring([join(FOLDER, record.file)]));
    expect(keys).toHaveLength(1);
    const key = keys[0]!;
    expect(key.getFingerprint().toUpperCase()).toBe(record.fingerprint);
    expect(key.subkeys.map((subkey) => subkey.getFingerprint().toUpperCase())).toEqual(record.signingSubkeys);
    expect(key.getUserIDs()).toEqual([record.userId]);
    const expiry = await key.getExpirationTime();
    expect(expiry instanceof Date && expiry.toISOString().slice(0, 10)).toBe(record.expires);
    expect(record.origin).toMatchObject({
      package: 'debian-archive-keyring',
      version: expect.any(String) as string,
    });
  });

  it('hold no secret', () => {
    for (const { file } of records)
      expect(readFileSync(join(FOLDER, file), 'latin1')).not.toContain('PRIVATE');
  });
});
