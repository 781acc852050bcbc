export { resolveClosure, type ClosureOptions } from './closure.ts';
export { type ListedOptions, resolveListed } from './listed.ts';
export {
  diffLockfiles,
  EMPTY_LOCKFILE,
  formatLockfile,
  identityOf,
  lockPackage,
  mergeLockfiles,
  packageKey,
  parseLockfile,
  type LockChange,
} from './lockfile.ts';
export {
  isTarball,
  type LockedDeb,
  type LockedImage,
  type LockedLevel,
  type LockedMember,
  type LockedOmission,
  type LockedPackage,
  type LockedTarball,
  type Lockfile,
} from './lockfile-types.ts';
export { DEBIAN_OMISSIONS } from './omissions.ts';
export { formatPackageRequest, parsePackageRequest, type PackageRequest } from './package-request.ts';
export { type Because, type Omission, type Resolution, type ResolvedPackage } from './resolution.ts';
