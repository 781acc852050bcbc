import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTar } from '../../archive/index.ts';
import { digestOf } from '../../core/index.ts';
import { Store } from '../../store/index.ts';
import { makeElf } from '../../testing/elf.ts';
import { noise } from '../../testing/sandbox.ts';
import { failureOf, rejectionOf } from '../../testing/thrown.ts';
import { makeZip, type TestMember } from '../../testing/zip.ts';
import { type DiskFile, encodeDiskFiles } from '../disk-segment.ts';
import type { DiskTree } from '../disk-tree.ts';
import { DiskProject } from './disk-project.ts';
import { FileMemory } from './file-memory.ts';

const LARGE = noise(3 << 20);
const MEMBERS: readonly TestMember[] = [
  { name: 'BOOT-INF/lib/stored.jar', content: LARGE, isStored: true },
  { name: 'classes/A.class', content: 'deflated '.repeat(1000) },
  { name: 'empty', content: '' },
  { name: 'lib.so', content: makeElf({ soname: 'lib.so.1' }) },
];
const NUMBERS = { uid: 0, gid: 0, mtime: 0, linkName: '', deviceMajor: 0, deviceMinor: 0 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-members-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function treeOf(bytes: Uint8Array, names: readonly string[]): Promise<DiskTree> {
  writeFileSync(join(folder, 'app.jar'), bytes);
  const store = Store.open(join(folder, 'store'));
  const memory = new FileMemory(store, folder, Date.now());
  const readMany = (): Promise<never> => Promise.reject(new Error('there are few'));
  const project = new DiskProject(join(folder, 'app.jar'), { memory, readMany, signal: undefined });
  return project.tree(new Map(names.map((name) => [`/app/${name}`, { path: 'app.jar', member: name }])));
}

function filesOf({ entries }: DiskTree): DiskFile[] {
  return entries.flatMap(({ path, type, size, digest, source }) =>
    type === 'file' && digest !== undefined && source
      ? [{ file: { ...NUMBERS, path, type, size, digest, mode: 0o644 }, source }]
      : [],
  );
}

describe('members of an archive', () => {
  it('are files with their own sizes and digests', async () => {
    const tree = await treeOf(
      makeZip(MEMBERS),
      MEMBERS.map(({ name }) => String(name)),
    );
    expect(tree.entries.slice(1).map(({ path, size, digest }) => [path, size, digest])).toEqual(
      MEMBERS.map(({ name, content = '' }) => [
        `app/${String(name)}`,
        Buffer.byteLength(content),
        digestOf(content),
      ]),
    );
    expect(tree.entries.at(-1)).toMatchObject({
      type: 'file',
      isExecutable: false,
      elf: { soname: 'lib.so.1' },
    });
  });

  it('have the same digests however the archive packs them', async () => {
    const names = MEMBERS.map(({ name }) => String(name));
    const one = await treeOf(makeZip(MEMBERS), names);
    const other = await treeOf(
      makeZip([...MEMBERS].reverse().map((member) => ({ ...member, isStored: !member.isStored }))),
      names,
    );
    expect(other.digest).toBe(one.digest);
  });

  it('become the files of a segment', async () => {
    const files = filesOf(
      await treeOf(
        makeZip(MEMBERS),
        MEMBERS.map(({ name }) => String(name)),
      ),
    );
    const bytes = Buffer.concat([
      ...Array.from(encodeDiskFiles(files), (piece) => Buffer.from(piece)),
      Buffer.alloc(1024),
    ]);
    const whole = (async function* () {
      yield bytes;
      await Promise.resolve();
    })();
    const found: string[] = [];
    for await (const { entry, body } of readTar(whole, 'segment')) {
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece);
      found.push(`${entry.path} ${digestOf(Buffer.concat(pieces))}`);
    }
    expect(found).toEqual(
      MEMBERS.map(({ name, content = '' }) => `app/${String(name)} ${digestOf(content)}`),
    );
  });

  it.each([
    ['other content', makeZip([{ name: 'a', content: noise(5000, 2), isStored: true }])],
    ['other sizes', makeZip([{ name: 'a', content: 'x', isStored: true }])],
    ['no archive', Buffer.from('text')],
  ])('are not taken from an archive that has %s since', async (_what, after) => {
    const files = filesOf(
      await treeOf(makeZip([{ name: 'a', content: noise(5000), isStored: true }]), ['a']),
    );
    writeFileSync(join(folder, 'app.jar'), after);
    expect(failureOf(() => [...encodeDiskFiles(files)]).code).toMatch(/^(DEFINITION|ARCHIVE)_INVALID$/);
  });

  it.each([
    ['damaged', { name: 'a', content: LARGE, isStored: true, crc32: 1 }, 'ARCHIVE_INVALID'],
    ['damaged and deflated', { name: 'a', content: 'x', crc32: 1 }, 'ARCHIVE_INVALID'],
    ['too large', { name: 'a', content: Buffer.alloc(1 << 20), size: 513 << 20 }, 'ARCHIVE_TOO_LARGE'],
  ])('are refused if they are %s', async (_what, member, code) => {
    expect(await rejectionOf(treeOf(makeZip([member]), ['a']))).toMatchObject({ code });
  });
});
