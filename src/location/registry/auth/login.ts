import { PithError, printable } from '../../../core/index.ts';
import {
  choosePlace,
  isFile,
  isOurs,
  keeperOf,
  readCandidates,
  type Keeper,
  type LoginContext,
} from './choose.ts';
import { HelperMissing, type Login } from './helper.ts';
import { scopeOfKey, splitScope } from './keys.ts';
import { authPlaces, keyIn } from './places.ts';
import { AuthFiles } from './source.ts';
import { changePlace } from './write-place.ts';

export interface LoginReport {
  /** The file or helper that keeps the credential now. */
  readonly place: string;
  /** A place that is asked before it for the same and cannot be changed so, if there is one. */
  readonly hiddenBy: string | undefined;
}

export interface LogoutReport {
  /** The files and helpers that kept a credential and do no longer. */
  readonly places: readonly string[];
  /** Where there still is one, which belongs to another program. */
  readonly left: string | undefined;
}

/**
 * Keeps a credential that the registry has taken, where it will be found again. As with `skopeo login`, that is
 * `authFile`, else $REGISTRY_AUTH_FILE, else podman's file of the session (in $XDG_RUNTIME_DIR, which ends with the
 * session), else podman's file of the user (`~/.config/containers/auth.json`). Two exceptions spare surprises, if no
 * file is named: what is looked at before that file and has an entry or helper for the same gets the credential,
 * as it would hide it; and so does Docker's config.json if it names a helper for the registry, as whoever has a safer
 * place for secrets does not want them in a file. In every file the helper for the registry keeps the credential, if
 * there is one, and the file does not hold it then.
 * @param target `HOST[:PORT][/PATH]`: a registry, or a part of its repositories
 * @throws USAGE, CREDENTIALS_FAILED, OUTPUT_FAILED, DISK_FULL, INTERRUPTED; the file is as it was then
 */
export async function storeLogin(target: string, login: Login, context: LoginContext): Promise<LoginReport> {
  const scope = checkLogin(target, login);
  const { place, config, hiddenBy } = await choosePlace(scope, context);
  const keeper = keeperOf(scope, config, place, context);
  await keeper?.helper.store(keeper.server, login);
  await changePlace(place, context, ({ entries }) => {
    const drop = (entries.get(scope) ?? []).map(({ key }) => key);
    const key = keyIn(place, scope);
    if (!keeper) return { drop, add: { key, value: entryFor(login) } };
    // Docker leaves an empty entry for each registry that it has logged in to by a helper.
    return place.role === 'docker' || drop.length > 0 ? { drop, add: { key, value: {} } } : undefined;
  });
  return { place: keeper?.helper.shown ?? place.shown, hiddenBy };
}

/**
 * Forgets the credentials for a registry in every place that {@link storeLogin} may choose for it; what Docker keeps in
 * its file stays, unless `isDocker` is set, and is told.
 * @param target as with storeLogin
 * @throws USAGE, CREDENTIALS_FAILED, OUTPUT_FAILED, DISK_FULL, INTERRUPTED
 */
export async function removeLogin(target: string, context: LoginContext): Promise<LogoutReport> {
  const scope = checkTarget(target);
  const places: string[] = [];
  for (const { place, config } of await readCandidates(context)) {
    if (!isFile(place) || !isOurs(scope, place, config, context)) continue;
    const keeper = keeperOf(scope, config, place, context);
    const entries = config.entries.get(scope) ?? [];
    if (keeper && (await erase(keeper, entries.length > 0))) places.push(keeper.helper.shown);
    if (entries.length === 0) continue;
    await changePlace(place, context, (now) => ({
      drop: (now.entries.get(scope) ?? []).map(({ key }) => key),
    }));
    if (entries.some(({ credential }) => credential)) places.push(place.shown);
  }
  if (authPlaces(context)[0]?.isRequired === true) return { places, left: undefined };
  return { places, left: (await new AuthFiles(context).locate(...splitScope(scope)))?.place };
}

/** A helper that is not installed has nothing, unless the file has an entry that says so. */
async function erase({ helper, server }: Keeper, isMarked: boolean): Promise<boolean> {
  try {
    return await helper.erase(server);
  } catch (error) {
    if (error instanceof HelperMissing && !isMarked) return false;
    throw error;
  }
}

/** @returns the scope that a target stands for */
function checkTarget(target: string): string {
  const scope = scopeOfKey(target);
  if (/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:\/[a-z0-9._-]+)*$/.test(scope)) return scope;
  // What stands before an @ may be a password.
  const shown = JSON.stringify(printable(target.replace(/^.*@/, '***@')));
  throw new PithError('USAGE', `${shown} is not a registry`, {
    hint: 'A registry is written as HOST or HOST:PORT, a part of its repositories as HOST/FOLDER.',
  });
}

/**
 * Looks whether a login can be one.
 * @returns the scope that the target stands for
 * @throws USAGE for a target that is no registry, and for a login that no registry can take
 */
export function checkLogin(target: string, login: Login): string {
  const scope = checkTarget(target);
  checkCredential(login);
  return scope;
}

function checkCredential(login: Login): void {
  const fault = (why: string): PithError =>
    new PithError('USAGE', why, { hint: 'Give the name of a user and a password or token.' });
  if ('identityToken' in login) {
    if (login.identityToken === '') throw fault('the token is empty');
    return;
  }
  if (login.username === '') throw fault('the name of the user is empty');
  if (login.password === '') throw fault('the password is empty');
  // RFC 7617, 2: the first colon ends the name.
  if (login.username.includes(':')) throw fault('the name of a user cannot hold a colon');
}

function entryFor(login: Login): Record<string, string> {
  if ('identityToken' in login) return { identitytoken: login.identityToken };
  return { auth: Buffer.from(`${login.username}:${login.password}`).toString('base64') };
}
