import { request, type ClientRequest } from 'node:http';
import { Agent, request as requestOverTls, type AgentOptions, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { CONNECT_TIMEOUT, fault, TUNNEL_BROKEN } from './errors.ts';
import { proxyHeaders, unbracketed } from './proxy.ts';

/** Secure connections that go through a tunnel of a proxy (RFC 9110, 9.3.6). */
export class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #connectTimeout: number;

  constructor(proxy: URL, connectTimeout: number, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#connectTimeout = connectTimeout;
  }

  override createConnection(
    options: RequestOptions,
    done: (error: Error | null, socket: Duplex) => void = () => undefined,
  ): undefined {
    const { port, host: given } = options;
    const host = unbracketed(given ?? '');
    this.#open(`${host.includes(':') ? `[${host}]` : host}:${port ?? 443}`).then(
      (tunnel) => {
        // Agents hand over what a connection needs, whatever their types say.
        done(null, connectTls({ ...(options as ConnectionOptions), socket: tunnel }));
      },
      (error: unknown) => {
        // Without a connection there is nothing to hand over.
        done(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Duplex);
      },
    );
  }

  /** Asks the proxy for a tunnel to `HOST:PORT`. */
  async #open(target: string): Promise<Socket> {
    const proxy = this.#proxy;
    const headers = { host: target, ...proxyHeaders(proxy) };
    const options = {
      host: unbracketed(proxy.hostname),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers,
      agent: false,
    };
    return await new Promise<Socket>((resolve, reject) => {
      const asked: ClientRequest = (proxy.protocol === 'https:' ? requestOverTls : request)(options);
      const timer = setTimeout(() => {
        asked.destroy(fault(CONNECT_TIMEOUT, 'the proxy does not answer'));
      }, this.#connectTimeout);
      asked.once('connect', ({ statusCode = 0 }, socket: Socket) => {
        clearTimeout(timer);
        if (statusCode >= 200 && statusCode < 300) {
          resolve(socket);
          return;
        }
        socket.destroy();
        reject(
          statusCode === 407
            ? new Error('Proxy Authentication Required')
            : fault(TUNNEL_BROKEN, `the proxy answered ${statusCode}`),
        );
      });
      // Some answer as if this were a request of another kind.
      asked.once('response', (answer) => {
        clearTimeout(timer);
        answer.destroy();
        reject(fault(TUNNEL_BROKEN, `the proxy answered ${answer.statusCode ?? 0}`));
      });
      asked.once('error', (cause) => {
        clearTimeout(timer);
        reject(fault(TUNNEL_BROKEN, 'the tunnel failed', cause));
      });
      asked.end();
    });
  }
}
