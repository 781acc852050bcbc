/** Longest path, and the most folders that it may go through; the longest of Debian have some 250 bytes and 20 folders. */
const LONGEST = 1024;
const DEEPEST = 64;

/** Whether a path is one that a sound package could speak of; looking up longer ones costs too much. */
export function isSoundPath(path: string): boolean {
  return path !== '' && path.length <= LONGEST && !path.includes('\0') && path.split('/').length <= DEEPEST;
}
