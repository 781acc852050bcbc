import { BlockList, isIP } from 'node:net';
import { PithError } from '../core/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * The proxy that an address is reached through, by the environment: http_proxy, https_proxy, all_proxy and no_proxy, in
 * small or capital letters.
 * @throws PithError NETWORK_FAILED for a proxy whose address is not usable
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const value = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? '';
  const address = value(url.protocol.replace(':', '_proxy')) || value('all_proxy');
  if (address === '' || isExcepted(url, value('no_proxy'))) return undefined;
  // Proxies are often named without a protocol; http is meant.
  const full = address.includes('://') ? address : `http://${address}`;
  const proxy = URL.canParse(full) ? new URL(full) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  throw new PithError('NETWORK_FAILED', 'the address of the proxy is not usable', {
    hint: 'Check http_proxy, https_proxy and all_proxy: they look like http://host:port.',
  });
}

/** The header by which a proxy learns who asks, if its address says that. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

/**
 * Names in no_proxy cover their subdomains too, whether or not a dot or `*.` is before them, and networks (`10.0.0.0/8`)
 * their addresses; `*` covers everything.
 */
function isExcepted({ protocol, hostname, port }: URL, list: string): boolean {
  const host = hostname.toLowerCase();
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry.includes('/')) return isInNetwork(unbracketed(host), entry);
      const [, name = '', only] = /^(.*?)(?::([0-9]+))?$/.exec(isAddress(entry) ? `[${entry}]` : entry) ?? [];
      if (only !== undefined && only !== (port || DEFAULT_PORTS[protocol])) return false;
      const domain = name.toLowerCase().replace(/^\*?\./, '');
      return name === '*' || host === domain || host.endsWith(`.${domain}`);
    });
}

function isInNetwork(host: string, entry: string): boolean {
  const [, network = '', bits = ''] = /^(.+)\/([0-9]{1,3})$/.exec(entry) ?? [];
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const addresses = new BlockList();
  addresses.addSubnet(network, Number(bits), family);
  return addresses.check(host, family);
}

/** An IPv6 address without brackets. */
function isAddress(entry: string): boolean {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(entry);
}

/** An IPv6 address without its brackets. */
export function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
