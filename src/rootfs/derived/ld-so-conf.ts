import { byText } from '../../core/index.ts';
import { matcher } from '../contents.ts';

const MAIN = 'etc/ld.so.conf';
/** Patterns of the files that {@link readLibraryFolders} is given. */
export const LOADER_CONFIGURATION = [MAIN, 'etc/ld.so.conf.d/*.conf'];
/** Whether a file says where the loader looks for libraries. @param path relative to the root */
export const isLoaderConfiguration = matcher(LOADER_CONFIGURATION);
/** What libc-bin ships as {@link MAIN}, for images without libc-bin. */
const DEFAULT_MAIN = 'include /etc/ld.so.conf.d/*.conf';

/**
 * The folders that `/etc/ld.so.conf` names, with what it includes (ldconfig(8); glibc: elf/ldconfig.c), in their order.
 * @param files contents by path relative to the root; where the main file is not among them, it is as Debian ships it
 */
export function readLibraryFolders(files: ReadonlyMap<string, Uint8Array>): string[] {
  const folders: string[] = [];
  const seen = new Set<string>();
  const read = (path: string, text: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const raw of text.split('\n')) {
      const line = raw.replace(/#.*/s, '').trim();
      const [, patterns] = /^include[ \t]+(.*)$/s.exec(line) ?? [];
      if (patterns !== undefined) include(path, patterns.split(/[ \t]+/));
      else if (/^\/./.test(line)) folders.push(line.replace(/\/+$/, ''));
    }
  };
  const include = (from: string, patterns: readonly string[]): void => {
    const base = from.slice(0, from.lastIndexOf('/') + 1);
    for (const pattern of patterns.filter((each) => each !== '')) {
      const matches = matcher([pattern.startsWith('/') ? pattern.replace(/^\/+/, '') : base + pattern]);
      const found = [...files].filter(([path]) => matches(path) && !/\/\.[^/]*$/.test(path));
      for (const [path, content] of found.sort(([a], [b]) => byText(a, b))) read(path, textOf(content));
    }
  };
  const main = files.get(MAIN);
  read(MAIN, main ? textOf(main) : DEFAULT_MAIN);
  return folders.filter((folder) => folder !== '');
}

function textOf(content: Uint8Array): string {
  return Buffer.from(content).toString('utf8');
}
