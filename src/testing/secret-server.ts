import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Serves `a secret` by HTTPS on a free port of 127.0.0.1. */
export async function serveSecret(identity: {
  readonly key: string;
  readonly cert: string;
}): Promise<Server> {
  const server = createServer(identity, (_request, response) => {
    response.setHeader('connection', 'close').end('a secret');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

export function portOf(server: Server): string {
  return String((server.address() as AddressInfo).port);
}
