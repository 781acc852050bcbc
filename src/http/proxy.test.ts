import { describe, expect, it } from 'vitest';
import { proxyFor, proxyHeaders } from './proxy.ts';

const env = { http_proxy: 'http://plain:3128', HTTPS_PROXY: 'secure:3129' };
const proxied = (url: string, more: Record<string, string> = {}): string | undefined =>
  proxyFor(new URL(url), { ...env, ...more })?.href;

describe('the proxy', () => {
  it.each([
    ['http://a.example/x', {}, 'http://plain:3128/'],
    ['https://a.example/x', {}, 'http://secure:3129/'],
    ['http://a.example/x', { http_proxy: '', all_proxy: 'http://all' }, 'http://all/'],
    ['http://a.example/x', { http_proxy: '' }, undefined],
    ['http://a.example/x', { http_proxy: 'https://u:p@tls:1' }, 'https://u:p@tls:1/'],
  ])('for %s with %j is %s', (url, more, expected) => {
    expect(proxied(url, more)).toBe(expected);
  });

  it.each([
    ['a.example', 'http://a.example/', true],
    ['A.Example', 'http://a.example/', true],
    ['a.example', 'http://b.a.example/', true],
    ['.a.example', 'http://b.a.example/', true],
    ['*.a.example', 'http://b.a.example/', true],
    ['a.example', 'http://ba.example/', false],
    ['a.example:8080', 'http://a.example:8080/', true],
    ['a.example:8080', 'http://a.example/', false],
    ['a.example:443', 'https://a.example/', true],
    ['x, a.example y', 'http://a.example/', true],
    ['*', 'https://a.example/', true],
    ['127.0.0.1', 'http://127.0.0.1:5000/', true],
    ['::1', 'http://[::1]:5000/', true],
    ['[::1]', 'http://[::1]/', true],
    ['[::1]:5000', 'http://[::1]:5000/', true],
    ['10.0.0.0/8', 'https://10.1.2.3:5000/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/8', 'http://10.example/', false],
    ['fd00::/8', 'http://[fd12::1]:5000/', true],
    ['fd00::/8', 'http://[fe80::1]/', false],
    ['10.0.0.0/33', 'http://10.0.0.0/', false],
    ['a/8', 'http://a/', false],
    ['', 'http://a.example/', false],
    [',', 'http://a.example/', false],
  ])('is left out by no_proxy=%j for %s: %s', (no_proxy, url, isLeftOut) => {
    expect(proxied(url, { no_proxy }) === undefined).toBe(isLeftOut);
  });

  it.each(['http://[', 'socks5://host:1', 'ftp://host'])('at %s is not usable', (http_proxy) => {
    expect(() => proxied('http://a.example/', { http_proxy })).toThrow(
      expect.objectContaining({
        code: 'NETWORK_FAILED',
        hint: expect.stringContaining('http_proxy') as string,
      }),
    );
  });

  it('is told who asks, if its address says so', () => {
    expect(proxyHeaders(new URL('http://proxy:1'))).toEqual({});
    expect(proxyHeaders(new URL('http://me:p%40ss@proxy:1'))).toEqual({
      'proxy-authorization': `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    });
  });
});
