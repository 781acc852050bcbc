import { PithError } from '../../../core/index.ts';
import type { Credential } from '../credentials.ts';
import { dockerKey, scopeOfKey } from './keys.ts';
import type { AuthPlace } from './places.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface AuthEntry {
  readonly key: string;
  /** Undefined where it has none that can be read, as those that Docker leaves behind for its helpers. */
  readonly credential: Credential | undefined;
}

/** What an auth file says. */
export interface AuthConfig {
  /** By the scope that they stand for; of several for one scope the exact key is first. */
  readonly entries: ReadonlyMap<string, readonly AuthEntry[]>;
  /** Helpers of registries with the key that names them; an empty name is no helper, in spite of `credsStore`. */
  readonly helpers: ReadonlyMap<string, { readonly key: string; readonly name: string }>;
  /** The helper for all other registries. */
  readonly store: string | undefined;
}

/** What an absent file says. */
export const NOTHING: AuthConfig = { entries: new Map(), helpers: new Map(), store: undefined };

/** A fault of an auth file. Nothing of its content is told, as it holds secrets. */
export function configFault({ shown }: Pick<AuthPlace, 'shown'>, why: string): PithError {
  return new PithError('CREDENTIALS_FAILED', `credentials cannot be read from ${shown}: ${why}`, {
    path: shown,
    hint: 'Mend the file or move it away, or name another one with --authfile or in $REGISTRY_AUTH_FILE.',
  });
}

/**
 * Reads an auth file: `auths`, `credHelpers` and `credsStore`, as containers-auth.json(5) and Docker's "docker login"
 * have them; what else it holds is not looked at. An empty file holds nothing.
 * @throws CREDENTIALS_FAILED for what is not JSON or has other types
 */
export function parseConfig(text: string, place: Pick<AuthPlace, 'shown' | 'role'>): AuthConfig {
  const isLegacy = place.role === 'legacy';
  const root = text.trim() === '' ? {} : parseObject(text, place);
  const objectOf = (name: string): JsonObject => {
    const value = Object.hasOwn(root, name) ? root[name] : undefined;
    if (isObject(value)) return value;
    if (value === undefined || value === null) return {};
    throw configFault(place, `${name} is not an object`);
  };
  const store =
    isLegacy || !Object.hasOwn(root, 'credsStore') ? undefined : (root['credsStore'] ?? undefined);
  if (store !== undefined && typeof store !== 'string') throw configFault(place, 'credsStore is not a text');
  return {
    entries: readEntries(isLegacy ? root : objectOf('auths'), isLegacy),
    helpers: isLegacy ? new Map() : readHelpers(objectOf('credHelpers'), place),
    store: store === '' ? undefined : store,
  };
}

/**
 * The helper that a file names for a scope, with what the helper calls the registry. Helpers are for whole registries.
 */
export function helperOf(
  scope: string,
  { helpers, store }: AuthConfig,
): { readonly name: string; readonly server: string } | undefined {
  if (scope.includes('/')) return undefined;
  const special = helpers.get(scope);
  if (special) return special.name === '' ? undefined : { name: special.name, server: special.key };
  return store === undefined ? undefined : { name: store, server: dockerKey(scope) };
}

function parseObject(text: string, place: Pick<AuthPlace, 'shown'>): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message of JSON.parse quotes the text around the fault.
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
    throw configFault(place, line === undefined ? 'it is not JSON' : `it is not JSON (line ${line})`);
  }
  if (!isObject(value)) throw configFault(place, 'it is not a JSON object');
  return value;
}

function readEntries(auths: JsonObject, isLegacy: boolean): Map<string, AuthEntry[]> {
  const entries = new Map<string, AuthEntry[]>();
  for (const [key, value] of Object.entries(auths)) {
    const scope = scopeOfKey(key, isLegacy);
    const entry = { key, credential: isObject(value) ? credentialOf(value) : undefined };
    const others = entries.get(scope) ?? [];
    entries.set(scope, key === scope ? [entry, ...others] : [...others, entry]);
  }
  return entries;
}

function readHelpers(
  credHelpers: JsonObject,
  place: Pick<AuthPlace, 'shown'>,
): Map<string, { key: string; name: string }> {
  const helpers = new Map<string, { key: string; name: string }>();
  for (const [key, name] of Object.entries(credHelpers)) {
    if (typeof name !== 'string') throw configFault(place, 'a value in credHelpers is not a text');
    const scope = scopeOfKey(key);
    if (key === scope || !helpers.has(scope)) helpers.set(scope, { key, name });
  }
  return helpers;
}

/** Tokens go before passwords, and `auth` before `username` and `password`, as with Docker. */
function credentialOf(entry: JsonObject): Credential | undefined {
  const text = (name: string): string => {
    const value = Object.hasOwn(entry, name) ? entry[name] : undefined;
    return typeof value === 'string' ? value : '';
  };
  if (text('registrytoken') !== '') return { registryToken: text('registrytoken') };
  if (text('identitytoken') !== '') return { identityToken: text('identitytoken') };
  if (text('auth') !== '') return decodeAuth(text('auth'));
  return usable(text('username'), text('password'));
}

/** `auth` is the base64 form of `NAME:PASSWORD`; Docker has ended passwords with zero bytes at times. */
function decodeAuth(auth: string): Credential | undefined {
  const encoded = auth.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) return undefined;
  return usable(decoded.slice(0, colon), decoded.slice(colon + 1).replace(/^\0+|\0+$/g, ''));
}

function usable(username: string, password: string): Credential | undefined {
  return username === '' || password === '' ? undefined : { username, password };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
