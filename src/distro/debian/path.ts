/**
 * Whether a path from an archive's index is relative, stays below its base and needs no quoting in an
 * address: segments of letters, digits and `+._~:@=,-`, none of them `.` or `..`.
 */
export function isSafePath(path: string): boolean {
  return PATH.test(path) && !path.split('/').some((segment) => segment === '.' || segment === '..');
}

const PATH = /^[A-Za-z0-9+._~:@=,-]+(?:\/[A-Za-z0-9+._~:@=,-]+)*$/;
