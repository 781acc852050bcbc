import { basename, join, relative, resolve } from 'node:path';
import { dockerKey } from './keys.ts';

/** Whose credentials are looked for. */
export interface AuthPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's folder; $HOME unless told. */
  readonly home?: string | undefined;
  /** The user's number, for the folder below /run that podman uses where there is no XDG_RUNTIME_DIR. */
  readonly uid?: number | undefined;
  /** A file to use before all others, as `--authfile` of podman; also $REGISTRY_AUTH_FILE. */
  readonly authFile?: string | undefined;
}

/**
 * Whose file it is: named by the user, podman's of the session, podman's where there is no session, podman's of the
 * user, Docker's config.json, or its predecessor.
 */
export type AuthRole = 'named' | 'session' | 'run' | 'user' | 'docker' | 'legacy';

export interface AuthFile {
  readonly role: AuthRole;
  readonly path: string;
  /** The path in errors, with `~` for the user's folder. */
  readonly shown: string;
  /** Whether its absence is a fault. */
  readonly isRequired: boolean;
}

/** The value of a variable that holds what else is in a file. */
export interface AuthVariable {
  readonly role: 'variable';
  readonly text: string;
  readonly shown: string;
  readonly isRequired: false;
}

export type AuthPlace = AuthFile | AuthVariable;

/**
 * Where credentials are, in the order of containers-auth.json(5): $REGISTRY_AUTH_FILE (or `authFile`) or else podman's
 * file of the session, podman's file of the user, then Docker's $DOCKER_AUTH_CONFIG (its value is a config.json),
 * config.json and .dockercfg. The first that has a credential for a registry decides.
 */
export function authPlaces(places: AuthPlaces): readonly AuthPlace[] {
  const { environment } = places;
  const home = told(places.home) ?? told(environment['HOME']);
  const fileAt = (role: AuthRole, path: string | undefined): AuthFile[] =>
    path === undefined ? [] : [{ role, path, shown: shownPath(path, home), isRequired: false }];
  const variable = told(environment['DOCKER_AUTH_CONFIG']);
  const configFolder = told(environment['XDG_CONFIG_HOME']) ?? below(home, '.config');
  const dockerFolder = told(environment['DOCKER_CONFIG']) ?? below(home, '.docker');
  return [
    ...firstFile(places, fileAt),
    ...fileAt('user', below(configFolder, 'containers/auth.json')),
    ...(variable === undefined
      ? []
      : [
          {
            role: 'variable' as const,
            text: variable,
            shown: '$DOCKER_AUTH_CONFIG',
            isRequired: false as const,
          },
        ]),
    ...fileAt('docker', below(dockerFolder, 'config.json')),
    ...fileAt('legacy', below(home, '.dockercfg')),
  ];
}

/** The key for a scope in a file: Docker has one of its own for Docker Hub. */
export function keyIn({ role, path }: AuthFile, scope: string): string {
  return role === 'docker' || basename(path) === 'config.json' ? dockerKey(scope) : scope;
}

function firstFile(
  { environment, authFile, uid }: AuthPlaces,
  fileAt: (role: AuthRole, path: string | undefined) => AuthFile[],
): AuthFile[] {
  const option = told(authFile);
  if (option !== undefined)
    return fileAt('named', resolve(option)).map((file) => ({ ...file, isRequired: true }));
  const variable = told(environment['REGISTRY_AUTH_FILE']);
  if (variable !== undefined) return fileAt('named', resolve(variable));
  const session = told(environment['XDG_RUNTIME_DIR']);
  if (session !== undefined) return fileAt('session', join(session, 'containers/auth.json'));
  return uid === undefined ? [] : fileAt('run', `/run/containers/${uid}/auth.json`);
}

function below(folder: string | undefined, path: string): string | undefined {
  return folder === undefined ? undefined : join(folder, path);
}

/** An empty variable is one that is not set. */
function told(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function shownPath(path: string, home: string | undefined): string {
  if (home === undefined) return path;
  const inHome = relative(home, path);
  return inHome === '' || inHome.startsWith('..') || inHome.startsWith('/') ? path : `~/${inHome}`;
}
