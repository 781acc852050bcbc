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
