export { cacheFolder } from './cache-folder.ts';
export { createLimit, mapConcurrent, Once } from './concurrency.ts';
export { canonicalJson, Digester, digestFromHex, digestOf, hexOf, isDigest, type Digest } from './digest.ts';
export {
  errorCodes,
  PithError,
  systemCode,
  toPithError,
  type ErrorCode,
  type ErrorDetails,
} from './errors.ts';
export { escapeName, safeJson } from './escape-name.ts';
export { interruptible, interruption, throwIfInterrupted } from './interrupt.ts';
export { nearest } from './nearest.ts';
export { byText } from './order.ts';
export { printable } from './printable.ts';
export { redact } from './redact.ts';
