import type { TestedFile } from './tested-image.ts';

const TYPE_LETTERS: Readonly<Record<TestedFile['type'], string>> = {
  file: '',
  directory: 'd',
  symlink: 'L',
  block: 'D',
  character: 'D',
  fifo: 'p',
};

/**
 * A file's type and permissions as Go writes a `fs.FileMode`: letters of the type and of setuid, setgid, a character device
 * and sticky, or `-` if there are none of them, and nine of permissions. A link has all of these, as Linux gives it.
 */
export function formatFileMode({ type, mode }: Pick<TestedFile, 'type' | 'mode'>): string {
  const letters = [
    TYPE_LETTERS[type],
    mode & 0o4000 ? 'u' : '',
    mode & 0o2000 ? 'g' : '',
    type === 'character' ? 'c' : '',
    mode & 0o1000 ? 't' : '',
  ].join('');
  const bits = permissionsOf({ type, mode });
  const permissions = 'rwxrwxrwx'.replace(/./g, (letter, at: number) =>
    bits & (0o400 >> at) ? letter : '-',
  );
  return `${letters === '' ? '-' : letters}${permissions}`;
}

/** The nine permission bits. */
export function permissionsOf({ type, mode }: Pick<TestedFile, 'type' | 'mode'>): number {
  return type === 'symlink' ? 0o777 : mode & 0o777;
}
