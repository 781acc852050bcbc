import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PithError } from '../../../core/index.ts';
import type { LocationContext } from '../../contract.ts';
import { helperOf, NOTHING, type AuthConfig } from './config.ts';
import { CredentialHelper } from './helper.ts';
import { scopesOf, splitScope } from './keys.ts';
import { authPlaces, type AuthFile, type AuthPlace, type AuthRole } from './places.ts';
import { readPlace } from './read-place.ts';
import type { AuthContext } from './source.ts';

export interface LoginContext extends AuthContext, Pick<LocationContext, 'writer' | 'signal'> {
  /** Use Docker's config.json, where docker and crane look too, whatever else there is. */
  readonly isDocker?: boolean;
}

/** A place with what it holds now. */
export interface Candidate<Place = AuthPlace> {
  readonly place: Place;
  readonly config: AuthConfig;
}

/** Every place that can be read or made; of those only the one that is named, if `authFile` names one. */
export async function readCandidates(context: LoginContext): Promise<Candidate[]> {
  const places = authPlaces(context);
  const candidates: Candidate[] = [];
  for (const place of places[0]?.isRequired === true ? places.slice(0, 1) : places) {
    const read = await readPlace({ ...place, isRequired: false });
    candidates.push({ place, config: 'config' in read ? read.config : NOTHING });
  }
  return candidates;
}

/**
 * Chooses the file that a login is kept in, as `storeLogin` tells.
 * @throws USAGE if there is none, CREDENTIALS_FAILED for a broken one
 */
export async function choosePlace(
  scope: string,
  context: LoginContext,
): Promise<Candidate<AuthFile> & { readonly hiddenBy: string | undefined }> {
  const candidates = await readCandidates(context);
  const usual = await chooseUsual(scope, candidates, context);
  if (!usual)
    throw new PithError('USAGE', 'there is no folder to keep credentials in: HOME is not set', {
      hint: 'Set HOME, or name a file in $REGISTRY_AUTH_FILE.',
    });
  const before = candidates.slice(0, candidates.indexOf(usual));
  const hiding = before.find(({ config }) => answers(scope, config));
  const chosen = hiding && isCandidateFile(hiding) && context.isDocker !== true ? hiding : usual;
  const [host] = splitScope(scope);
  const isBehindHelper = host !== scope && (chosen.config.helpers.get(host)?.name ?? '') !== '';
  const other = isBehindHelper ? keeperOf(host, chosen.config, chosen.place, context)?.helper : undefined;
  return { ...chosen, hiddenBy: hiding && hiding !== chosen ? hiding.place.shown : other?.shown };
}

async function chooseUsual(
  scope: string,
  candidates: readonly Candidate[],
  { isDocker = false }: LoginContext,
): Promise<Candidate<AuthFile> | undefined> {
  const files = candidates.filter(isCandidateFile);
  const byRole = (role: AuthRole): Candidate<AuthFile> | undefined =>
    files.find(({ place }) => place.role === role);
  const docker = byRole('docker');
  if (isDocker) return docker;
  const named = byRole('named');
  if (named) return named;
  if (docker && helperOf(scope, docker.config)) return docker;
  const session = byRole('session');
  return session && (await isFolder(dirname(dirname(session.place.path)))) ? session : byRole('user');
}

/** Whether logging out is for a file: podman's and what the user names, and Docker's if its helper is asked first. */
export function isOurs(
  scope: string,
  { role }: AuthFile,
  config: AuthConfig,
  { isDocker = false }: LoginContext,
): boolean {
  if (isDocker) return role === 'docker';
  if (role === 'docker') return helperOf(scope, config) !== undefined;
  return role !== 'legacy';
}

/** Whether a file has something for a scope, or for what it is in. */
function answers(scope: string, config: AuthConfig): boolean {
  const [host, path] = splitScope(scope);
  const entries = scopesOf(host, path).flatMap((one) => config.entries.get(one) ?? []);
  return entries.some(({ credential }) => credential) || helperOf(host, config) !== undefined;
}

/** The helper that keeps what belongs to a registry. */
export interface Keeper {
  readonly helper: CredentialHelper;
  /** What the helper calls the registry. */
  readonly server: string;
}

export function keeperOf(
  scope: string,
  config: AuthConfig,
  place: AuthFile,
  { runHelper }: LoginContext,
): Keeper | undefined {
  const named = helperOf(scope, config);
  if (!named) return undefined;
  return { helper: new CredentialHelper(named.name, place.shown, runHelper), server: named.server };
}

export function isFile(place: AuthPlace): place is AuthFile {
  return place.role !== 'variable';
}

function isCandidateFile(candidate: Candidate): candidate is Candidate<AuthFile> {
  return isFile(candidate.place);
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
