export type { CredentialFiles } from './credentials.ts';
export type { DownloadRequest } from './download.ts';
export { isNotFound, statusOf } from './errors.ts';
export { createHttp, type GetOptions, type Http, type HttpOptions, type HttpResponse } from './http.ts';
export type { RetryEvent } from './retry.ts';
