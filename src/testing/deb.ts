import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { encodeHeader, END_OF_ARCHIVE, paddingOf, type TarEntry } from '../archive/index.ts';

/** A member of a test archive: a path and what differs from a plain file of root's. */
export interface TestFile extends Partial<Omit<TarEntry, 'size' | 'path'>> {
  readonly path: string;
  readonly content?: string | Uint8Array;
}

/** Files as an uncompressed tar archive, in the order given, with whatever paths and types they have. */
export function makeTar(files: readonly TestFile[]): Buffer {
  const parts = files.flatMap(({ content = '', ...file }) => {
    const bytes = Buffer.from(content);
    const entry = {
      type: 'file',
      mode: file.type === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: 1_700_000_000,
      linkName: '',
      deviceMajor: 0,
      deviceMinor: 0,
      ...file,
      size: bytes.length,
    } as const;
    return [encodeHeader(entry), bytes, Buffer.alloc(paddingOf(bytes.length))];
  });
  return Buffer.concat([...parts, END_OF_ARCHIVE]);
}

/** Members as an ar archive (ar(5)). */
export function makeAr(members: readonly (readonly [string, Uint8Array])[]): Buffer {
  const parts = members.flatMap(([name, bytes]) => [
    Buffer.from(
      `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`,
    ),
    bytes,
    Buffer.alloc(bytes.length % 2, '\n'),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

export interface TestPackage {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  /** More fields of the control file. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly files?: readonly TestFile[];
  /** More files of the control archive. */
  readonly control?: Readonly<Record<string, string>>;
}

/** A binary package (deb(5)) made in memory, with the folders above its files and its md5sums. */
export function makeDeb(wanted: TestPackage): Buffer {
  const files = withFolders(wanted.files ?? []);
  const fields = {
    Package: wanted.name,
    Version: wanted.version ?? '1.0',
    Architecture: wanted.architecture ?? 'amd64',
    Maintainer: 'Test <test@example.org>',
    Description: 'test',
    ...wanted.fields,
  };
  const control = Object.entries(fields).map(([key, value]) => `${key}: ${value}\n`);
  const sums = files
    .filter(({ type = 'file' }) => type === 'file')
    .map(
      ({ path, content = '' }) =>
        `${createHash('md5').update(content).digest('hex')}  ${path.replace(/^\.\//, '')}\n`,
    );
  const metadata = { control: control.join(''), md5sums: sums.join(''), ...wanted.control };
  return makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    [
      'control.tar.gz',
      gzipSync(makeTar(Object.entries(metadata).map(([path, content]) => ({ path: `./${path}`, content })))),
    ],
    ['data.tar.gz', gzipSync(makeTar(files))],
  ]);
}

function withFolders(files: readonly TestFile[]): TestFile[] {
  const seen = new Set<string>();
  const all: TestFile[] = [{ path: './', type: 'directory' }];
  for (const file of files) {
    const parts = file.path.replace(/^\.\//, '').split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const path = `./${parts.slice(0, depth).join('/')}`;
      if (!seen.has(path)) all.push({ path, type: 'directory' });
      seen.add(path);
    }
    if (file.type === 'directory') seen.add(`./${parts.join('/')}`);
    all.push({ ...file, path: `./${parts.join('/')}` });
  }
  return all;
}
