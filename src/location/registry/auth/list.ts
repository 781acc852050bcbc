import type { Credential } from '../credentials.ts';
import { CredentialHelper, HelperMissing } from './helper.ts';
import { scopeOfKey } from './keys.ts';
import { authPlaces } from './places.ts';
import { readPlace } from './read-place.ts';
import type { AuthContext } from './source.ts';

/** A login that is known. */
export interface KnownLogin {
  /** `HOST[:PORT][/PATH]`: a registry, or a part of its repositories. */
  readonly target: string;
  /** Undefined for a token without a name. */
  readonly username: string | undefined;
  readonly place: string;
}

/**
 * Lists every credential that there is, the first for a target being the one that is used. Helpers that are not
 * installed have nothing.
 * @throws CREDENTIALS_FAILED, INTERRUPTED
 */
export async function listLogins(context: AuthContext): Promise<readonly KnownLogin[]> {
  const logins: KnownLogin[] = [];
  for (const place of authPlaces(context)) {
    const read = await readPlace(place);
    if (!('config' in read)) continue;
    const { helpers, store, entries } = read.config;
    for (const [target, { key, name }] of helpers) {
      if (name === '') continue;
      const helper = new CredentialHelper(name, place.shown, context.runHelper);
      const credential = await orMissing(helper.get(key));
      if (credential) logins.push({ target, username: nameIn(credential), place: helper.shown });
    }
    if (store !== undefined) {
      const helper = new CredentialHelper(store, place.shown, context.runHelper);
      for (const [server, username] of (await orMissing(helper.list())) ?? [])
        logins.push({ target: scopeOfKey(server), username, place: helper.shown });
    }
    for (const [target, found] of entries) {
      const credential = found.find((one) => one.credential)?.credential;
      if (credential) logins.push({ target, username: nameIn(credential), place: place.shown });
    }
  }
  return logins;
}

function nameIn(credential: Credential): string | undefined {
  return 'username' in credential ? credential.username : undefined;
}

async function orMissing<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HelperMissing) return undefined;
    throw error;
  }
}
