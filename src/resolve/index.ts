export { resolveClosure, type ClosureOptions } from './closure.ts';
export { formatRequest, resolveListed, type Request, type ResolveOptions } from './listed.ts';
export {
  diffLockfiles,
  EMPTY_LOCKFILE,
  formatLockfile,
  lockPackage,
  mergeLockfiles,
  packageKey,
  parseLockfile,
  type LockChange,
} from './lockfile.ts';
export type { LockedImage, LockedPackage, Lockfile } from './lockfile-types.ts';
export { parsePackageRequest, type PackageRequest } from './package-request.ts';
export { type Because, type Omission, type Resolution, type ResolvedPackage } from './resolution.ts';
