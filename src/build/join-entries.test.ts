import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TarEntry } from '../archive/index.ts';
import { joinEntries } from './join-entries.ts';

const NOTHING = { uid: 0, gid: 0, size: 0, linkName: '', deviceMajor: 0, deviceMinor: 0 };

/** `usr/` is a folder, `a = b` a hard link, `a -> b` a symbolic one, anything else a file; the mode is its number. */
function entriesOf(lines: readonly string[]): TarEntry[] {
  return lines.map((line, index) => {
    const [, path = '', kind, target = ''] = /^(\S+)(?: (=|->) (\S+))?$/.exec(line) ?? [];
    const type = path.endsWith('/')
      ? ('directory' as const)
      : kind === '='
        ? ('hardlink' as const)
        : kind === '->'
          ? ('symlink' as const)
          : ('file' as const);
    return { ...NOTHING, path, type, mode: index, mtime: index, linkName: target };
  });
}

function joined(...lines: readonly string[]): string[] {
  return joinEntries(entriesOf(lines)).map((entry) => {
    if (!entry) return '-';
    const link =
      { hardlink: ` = ${entry.linkName}`, symlink: ` -> ${entry.linkName}` }[entry.type as string] ?? '';
    return `${entry.path}${link} ${entry.mode}`;
  });
}

/** The files that unpacking gives: mode, and where the content comes from. */
function unpack(entries: readonly (TarEntry | undefined)[]): Map<string, unknown> {
  const files = new Map<string, unknown>();
  for (const [index, entry] of entries.entries()) {
    if (!entry) continue;
    const { type, path, mode, linkName } = entry;
    if (type === 'hardlink' && !files.has(linkName)) throw new Error(`${path} links to nothing`);
    files.set(
      path,
      type === 'hardlink' ? files.get(linkName) : type === 'directory' ? mode : { index, mode, linkName },
    );
  }
  return files;
}

describe('entries of several archives in one', () => {
  it('stay as they are where no path is there twice', () => {
    expect(joined('usr/', 'usr/a', 'usr/b = usr/a', 'c -> d')).toEqual([
      'usr/ 0',
      'usr/a 1',
      'usr/b = usr/a 2',
      'c -> d 3',
    ]);
  });

  it('have a folder where it came first, as it came last', () => {
    expect(joined('usr/', 'usr/a', 'usr/', 'usr/b')).toEqual(['usr/ 2', 'usr/a 1', '-', 'usr/b 3']);
  });

  it('have a file or link as it came last', () => {
    expect(joined('a', 'b -> c', 'a -> x', 'b')).toEqual(['-', '-', 'a -> x 2', 'b 3']);
  });

  it('have a folder in place of a file, and a file in place of a folder', () => {
    expect(joined('a', 'a/', 'b/', 'b')).toEqual(['-', 'a/ 1', '-', 'b 3']);
  });

  it('leave the content of a file that is replaced to its hard links', () => {
    expect(joined('a', 'b = a', 'c = a', 'd = b', 'a')).toEqual(['b 0', '-', 'c = b 2', 'd = b 3', 'a 4']);
  });

  it('link to a file, not to a link that is replaced', () => {
    expect(joined('a', 'b = a', 'c = b', 'b')).toEqual(['a 0', '-', 'c = a 2', 'b 3']);
  });

  it('unpack to the same files, each path once', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const line = fc.oneof(
      name,
      name.map((path) => `${path}x/`),
      fc.tuple(name, name).map(([path, target]) => `${path} = ${target}`),
      fc.tuple(name, name).map(([path, target]) => `${path} -> ${target}`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const present = new Set<string>();
        const sound = lines.filter((text) => {
          const [path = '', kind, target = ''] = text.split(' ');
          const isSound = kind !== '=' || (present.has(target) && target !== path);
          if (isSound) present.add(path);
          return isSound;
        });
        const entries = entriesOf(sound);
        const result = joinEntries(entries);
        const paths = result.flatMap((entry) => (entry ? [entry.path] : []));
        expect(new Set(paths).size).toBe(paths.length);
        expect(normal(unpack(result))).toEqual(normal(unpack(entries)));
      }),
    );
  });
});

function normal(files: Map<string, unknown>): [string, unknown][] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}
