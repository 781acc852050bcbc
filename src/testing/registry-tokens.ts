import { randomUUID } from 'node:crypto';
import type { TestAnswer, TestRequest } from './registry-protocol.ts';

export interface TokenOptions {
  /** What guests may do; nothing unless told. */
  readonly guest?: readonly string[];
  /** What the user may do; everything unless told. */
  readonly user?: readonly string[];
  /** Seconds that a token lives; the registry says so, and holds to it. */
  readonly lifetime?: number;
  /** The refresh token that it takes. */
  readonly identityToken?: string;
  /** An access token that is always good. */
  readonly registryToken?: string;
}

interface Issued {
  /** `NAME:ACTION` */
  readonly rights: ReadonlySet<string>;
  readonly expires: number;
}

/** A token service as distribution's token specification says, and the registry's side of it. */
export interface Tokens {
  readonly challenge: string;
  /** Scopes of the tokens that were asked for. */
  readonly asked: readonly (readonly string[])[];
  issue(request: TestRequest): TestAnswer;
  /** An answer to those who may not do what they ask for. */
  guard(request: TestRequest): TestAnswer | undefined;
  /** Ends all tokens. */
  revoke(): void;
}

const ALL = ['pull', 'push', 'delete', '*'];

export function createTokens(
  realm: string,
  user: { readonly username: string; readonly password: string },
  options: TokenOptions,
): Tokens {
  const issued = new Map<string, Issued>();
  const asked: string[][] = [];
  const basic = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
  const challengeFor = (more = ''): string => `Bearer realm="${realm}",service="test registry"${more}`;

  const isUser = ({ method, headers, body }: TestRequest): boolean | undefined => {
    if (method === 'POST') {
      const form = new URLSearchParams(body.toString());
      return form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === options.identityToken
        ? true
        : undefined;
    }
    if (headers.authorization === undefined) return false;
    return headers.authorization === basic ? true : undefined;
  };

  return {
    challenge: challengeFor(),
    asked,
    issue(request) {
      const known = isUser(request);
      const form =
        request.method === 'POST' ? new URLSearchParams(request.body.toString()) : request.url.searchParams;
      const scopes = form
        .getAll('scope')
        .flatMap((scope) => scope.split(' '))
        .filter((scope) => scope !== '');
      asked.push(scopes);
      if (known === undefined || form.get('service') !== 'test registry')
        return { status: 401, body: JSON.stringify({ details: 'incorrect username or password' }) };
      const allowed = known ? (options.user ?? ALL) : (options.guest ?? []);
      const rights = scopes.flatMap((scope) => {
        const [, name = '', actions = ''] = /^(?:repository|registry):(.*):([^:]*)$/.exec(scope) ?? [];
        return actions
          .split(',')
          .filter((action) => allowed.includes(action))
          .map((action) => `${name}:${action}`);
      });
      const token = randomUUID();
      const lifetime = options.lifetime ?? 300;
      issued.set(token, { rights: new Set(rights), expires: Date.now() + lifetime * 1000 });
      const key = request.method === 'POST' ? 'access_token' : 'token';
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ [key]: token, expires_in: lifetime }),
      };
    },
    guard({ method, url, headers }) {
      const bearer = /^Bearer (.*)$/.exec(String(headers.authorization))?.[1] ?? '';
      if (options.registryToken !== undefined && bearer === options.registryToken) return undefined;
      const token = issued.get(bearer);
      const refuse = (more: string): TestAnswer => ({
        status: 401,
        headers: { 'www-authenticate': challengeFor(more), 'content-type': 'application/json' },
        body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }),
      });
      if (url.pathname === '/v2/') return token ? undefined : refuse('');
      const wanted = rightsFor(method, url);
      const scope = `,scope="${wanted.map((right) => `repository:${right}`).join(' ')}"`;
      if (!token || token.expires < Date.now()) return refuse(`${scope},error="invalid_token"`);
      return wanted.every((right) => token.rights.has(right))
        ? undefined
        : refuse(`${scope},error="insufficient_scope"`);
    },
    revoke: () => {
      issued.clear();
    },
  };
}

function rightsFor(method: string, url: URL): string[] {
  if (url.pathname === '/v2/_catalog') return ['catalog:*'];
  const name = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(url.pathname)?.[1] ?? '';
  if (method === 'GET' || method === 'HEAD') return [`${name}:pull`];
  if (method === 'DELETE' && !url.pathname.includes('/uploads/')) return [`${name}:delete`];
  return [`${name}:pull`, `${name}:push`];
}
