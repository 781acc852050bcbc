import { PithError } from '../core/index.ts';
import { ElfScanner } from '../rootfs/index.ts';
import type { Project, ProjectFile } from './model.ts';

/** Content of a file, or what else it is. */
export type Content =
  string | Uint8Array | { readonly link: string } | { readonly program: string | Uint8Array };

/** For tests: a project in memory. A path that ends with `?` is one that git ignores. */
export function makeProject(files: Readonly<Record<string, Content>>, name = 'project'): Project {
  const contents = new Map<string, Uint8Array>();
  const listed = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, content]): [string, ProjectFile] => {
      const path = key.replace(/\?$/, '');
      const common = { path, isIgnoredByGit: key.endsWith('?') };
      if (typeof content === 'object' && 'link' in content)
        return [path, { ...common, type: 'symlink', size: 0, isExecutable: false, target: content.link }];
      const isExecutable = typeof content === 'object' && 'program' in content;
      const bytes = Buffer.from(isExecutable ? content.program : content);
      contents.set(path, bytes);
      return [path, { ...common, type: 'file', size: bytes.length, isExecutable, target: '' }];
    });
  const bytesOf = (path: string): Uint8Array => {
    const bytes = contents.get(path);
    if (bytes) return bytes;
    throw new PithError('APP_INVALID', `${path} is not there`);
  };
  return {
    name,
    single: undefined,
    files: new Map(listed),
    read: (path, range) => {
      const bytes = bytesOf(path);
      return Promise.resolve(range ? bytes.subarray(range.start, range.start + range.length) : bytes);
    },
    elf: (path) => {
      const bytes = bytesOf(path);
      const scanner = new ElfScanner(bytes.length);
      scanner.write(bytes);
      return Promise.resolve(scanner.finish());
    },
  };
}
