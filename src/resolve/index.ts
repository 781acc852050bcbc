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
  type LockedImage,
  type LockedPackage,
  type Lockfile,
} from './lockfile.ts';
