import type { Dispatcher } from 'undici';
import { PithError } from '../core/index.ts';
import { TUNNEL_BROKEN } from './errors.ts';

/** A dispatcher that goes through the proxies of the environment: http_proxy, https_proxy, all_proxy, no_proxy. */
export async function createDispatcher(
  env: Readonly<Record<string, string | undefined>>,
  connectTimeout: number,
): Promise<Dispatcher> {
  const { EnvHttpProxyAgent, Pool } = await import('./undici.ts');
  const value = (name: string): string | undefined => env[name] ?? env[name.toUpperCase()];
  const all = value('all_proxy');
  /** What tunnels are asked of; a proxy that does not answer is not waited for longer than for a connection. */
  const clientFactory = (origin: URL, options: object): Dispatcher => {
    const pool = new Pool(origin, { ...options, headersTimeout: connectTimeout });
    const connect: (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> =
      pool.connect.bind(pool);
    return Object.assign(pool, {
      connect: (wanted: Dispatcher.ConnectOptions) => connect(wanted).catch(tunnelFailed),
    });
  };
  try {
    return new EnvHttpProxyAgent({
      // Empty rather than undefined: undici would look into process.env itself.
      httpProxy: proxyAddress(value('http_proxy') ?? all),
      httpsProxy: proxyAddress(value('https_proxy') ?? all),
      noProxy: value('no_proxy') ?? '',
      // Plain requests go to the proxy as such: caching proxies refuse to tunnel to port 80.
      proxyTunnel: false,
      connect: { timeout: connectTimeout },
      clientFactory,
    });
  } catch (cause) {
    throw new PithError('NETWORK_FAILED', 'the address of the proxy is not usable', {
      hint: 'Check http_proxy, https_proxy and all_proxy: they look like http://host:port.',
      cause,
    });
  }
}

/** undici tries for ever, without a pause, to reach a host whose tunnel ends with its own errors of the connection. */
function tunnelFailed(cause: unknown): never {
  throw Object.assign(new Error('the tunnel failed', { cause }), { code: TUNNEL_BROKEN });
}

/** Proxies are often named without a protocol; http is meant. */
function proxyAddress(value: string | undefined): string {
  if (value === undefined || value === '') return '';
  return value.includes('://') ? value : `http://${value}`;
}
