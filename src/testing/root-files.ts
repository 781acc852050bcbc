import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type ElfInfo, ElfScanner } from '../rootfs/elf.ts';
import type { TreeFile } from '../rootfs/tree-lookup.ts';

/** Paths below a folder of the disk; links are not followed. */
function walk(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((item) => {
    const path = folder === '' ? item.name : `${folder}/${item.name}`;
    return item.isDirectory() ? [path, ...walk(root, path)] : [path];
  });
}

/** The files below a folder of the disk as the entries of an image's tree. */
export function readRoot(root: string): Map<string, { file: TreeFile }> {
  const entries = new Map<string, { file: TreeFile }>();
  for (const path of walk(root)) {
    const full = join(root, path);
    const stat = lstatSync(full);
    const common = { linkName: '', mtime: Math.floor(stat.mtimeMs / 1000) };
    if (stat.isSymbolicLink())
      entries.set(path, { file: { ...common, type: 'symlink', linkName: readlinkSync(full) } });
    else if (stat.isDirectory()) entries.set(path, { file: { ...common, type: 'directory' } });
    else if (stat.isFile()) entries.set(path, { file: { ...common, type: 'file', elf: scan(full) } });
  }
  return entries;
}

function scan(path: string): ElfInfo | undefined {
  const content = readFileSync(path);
  const scanner = new ElfScanner(content.length);
  scanner.write(content);
  return scanner.finish();
}

/** `/etc/ld.so.conf` and what it includes in Debian, of a folder of the disk. */
export function readConfiguration(root: string): Map<string, Uint8Array> {
  const paths = walk(root).filter((path) => /^etc\/ld\.so\.conf(\.d\/.*\.conf)?$/.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(root, path))]));
}

/**
 * The entries of a tree from a table: a path with `folder`, `file`, `-> TARGET` (a symbolic link), `= PATH` (a hard link) or
 * what an ELF file says.
 */
export function entriesOf(
  table: Readonly<Record<string, string | ElfInfo>>,
): Map<string, { file: TreeFile }> {
  return new Map(Object.entries(table).map(([path, what]) => [path, { file: fileOf(what) }]));
}

function fileOf(what: string | ElfInfo): TreeFile {
  const common = { linkName: '', mtime: 7 };
  if (typeof what !== 'string') return { ...common, type: 'file', elf: what };
  if (what.startsWith('-> ')) return { ...common, type: 'symlink', linkName: what.slice(3) };
  if (what.startsWith('= ')) return { ...common, type: 'hardlink', linkName: what.slice(2) };
  return { ...common, type: what === 'folder' ? 'directory' : 'file' };
}
