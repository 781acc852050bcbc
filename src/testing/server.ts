import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  /** The requests so far: method, path and headers. */
  requests: { method: string; path: string; headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
}

/** Serves HTTP on a free port of 127.0.0.1. */
export async function serve(listener: RequestListener): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Answers with bytes, honouring Range (`bytes=N-`) and If-Range against the ETag. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  options: { etag?: string; type?: string } = {},
): void {
  const { etag, type = 'application/octet-stream' } = options;
  const start = /^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1];
  const ifRange = request.headers['if-range'];
  const headers = { 'content-type': type, ...(etag === undefined ? {} : { etag }) };
  if (start === undefined || (ifRange !== undefined && ifRange !== etag)) {
    response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
  } else if (Number(start) >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  } else {
    const part = bytes.subarray(Number(start));
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { ...headers, 'content-range': range, 'content-length': part.length }).end(part);
  }
}
