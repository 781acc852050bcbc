export {
  Connections,
  drain,
  type Answer,
  type ConnectionOptions,
  type RequestOptions,
  type TlsSettings,
} from './connections.ts';
export type { CredentialFiles } from './credentials.ts';
export type { DownloadRequest } from './download.ts';
export {
  BROKEN_OFF,
  fault,
  HttpStatusError,
  isNotFound,
  isUntrusted,
  networkError,
  portalError,
  retryAfterOf,
  statusOf,
} from './errors.ts';
export { createHttp, type GetOptions, type Http, type HttpOptions, type HttpResponse } from './http.ts';
export { redirectTarget, refused } from './redirect.ts';
export { Retries, withRetries, type RetryEvent, type RetryPolicy } from './retry.ts';
