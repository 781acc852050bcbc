import { PithError } from '../../core/index.ts';
import { drain, type Answer, type RequestOptions } from '../../http/index.ts';
import { basicHeader, type Token, type TokenRefused } from './authorization.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from './credentials.ts';
import { notRegistry, readComplaint, refusalOf, type Asked } from './refusal.ts';

/** Sends one request to the token service. */
export type Send = (url: URL, options: Omit<RequestOptions, 'signal'>) => Promise<Answer>;

const MAX_ANSWER_SIZE = 1024 * 1024;
/** Seconds that a token lives unless its service says otherwise (distribution's token specification). */
const DEFAULT_LIFETIME = 60;
/** Part of its life for which a token is used. */
const USED_LIFE = 0.8;

/**
 * Gets an access token as distribution's token specification says: with GET, with name and password if there are any;
 * for an identity token with POST (OAuth 2, RFC 6749, section 6).
 *
 * @param isSecure whether the registry is talked to over https: then credentials go nowhere else over plain http
 * @throws REGISTRY_INVALID for an answer without a token; HttpStatusError for 429 and 5xx
 */
export async function requestToken(
  challenge: Challenge,
  credential: Credential | undefined,
  scopes: readonly string[],
  { asked, isSecure, send }: { asked: Asked; isSecure: boolean; send: Send },
): Promise<Token | TokenRefused> {
  const realm = realmOf(challenge, asked);
  if (credential && isSecure && realm.protocol === 'http:')
    throw new PithError(
      'REGISTRY_INVALID',
      `${asked.registry} wants credentials to be sent without encryption to ${realm.host}`,
      {
        url: realm.href,
        hint: 'They were not sent. Ask those who run the registry to give its token service an https address.',
      },
    );
  const purpose = `the token service ${realm.host} for ${asked.purpose}`;
  const answer = await send(...requestFor(realm, challenge, credential, scopes));
  if (answer.status === 200) return await readToken(answer, { ...asked, purpose });
  if (answer.status === 401 || answer.status === 403 || answer.status === 400) {
    const { text } = await readComplaint(answer);
    return { status: answer.status, said: text };
  }
  throw await refusalOf(answer, { ...asked, purpose });
}

function realmOf({ parameters }: Challenge, asked: Asked): URL {
  const realm = parameters['realm'] ?? '';
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if ((url?.protocol === 'https:' || url?.protocol === 'http:') && url.username === '') return url;
  throw new PithError(
    'REGISTRY_INVALID',
    `${asked.registry} names no address of a token service, but ${JSON.stringify(realm)}`,
  );
}

function requestFor(
  realm: URL,
  { parameters: { service } }: Challenge,
  credential: Credential | undefined,
  scopes: readonly string[],
): Parameters<Send> {
  if (credential && 'identityToken' in credential) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      ...(service === undefined ? {} : { service }),
      client_id: 'pith',
      scope: scopes.join(' '),
      refresh_token: credential.identityToken,
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return [realm, { method: 'POST', headers, body: Buffer.from(form.toString()) }];
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const authorization = credential && 'username' in credential ? basicHeader(credential) : undefined;
  return [url, { method: 'GET', headers: authorization === undefined ? {} : { authorization } }];
}

async function readToken(answer: Answer, asked: Asked): Promise<Token> {
  const members = await readJson(answer);
  if (!members) throw notRegistry(asked, answer);
  const text = members['token'] ?? members['access_token'];
  const lifetime = members['expires_in'];
  // It goes into a header: nothing but visible ASCII.
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) throw notRegistry(asked, answer);
  const seconds = typeof lifetime === 'number' && lifetime > 0 ? lifetime : DEFAULT_LIFETIME;
  return { text, usableUntil: Date.now() + seconds * 1000 * USED_LIFE };
}

async function readJson(answer: Answer): Promise<Readonly<Record<string, unknown>> | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    if ((size += piece.length) > MAX_ANSWER_SIZE) {
      await drain(answer);
      return undefined;
    }
    pieces.push(piece);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
