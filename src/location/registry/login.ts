import { PithError } from '../../core/index.ts';
import type { LocationContext } from '../contract.ts';
import type { LoginContext } from './auth/choose.ts';
import type { Login } from './auth/helper.ts';
import { listLogins as listFound, type KnownLogin } from './auth/list.ts';
import { checkLogin, removeLogin, storeLogin, type LoginReport, type LogoutReport } from './auth/login.ts';
import { createHelperRunner } from './auth/run-helper.ts';
import { Registry } from './registry.ts';

export interface LoginOptions {
  /** Keep it in Docker's config.json, where docker and crane look too. */
  readonly isDocker?: boolean;
}

/**
 * Asks a registry whether it takes a credential, and keeps it then where podman, skopeo and pith find it.
 * @param target `HOST[:PORT][/PATH]`: a registry, or a part of its repositories
 * @throws REGISTRY_UNAUTHORIZED if it does not; USAGE, CREDENTIALS_FAILED, OUTPUT_FAILED, REGISTRY_…, NETWORK_…
 */
export async function logIn(
  target: string,
  login: Login,
  context: LocationContext,
  options: LoginOptions = {},
): Promise<LoginReport> {
  checkLogin(target, login);
  const host = target.split('/', 1)[0] ?? '';
  const registry = new Registry(host, {
    ...context,
    registry: {
      ...context.registry,
      credentials: { find: () => Promise.resolve(login), searched: () => [] },
    },
  });
  try {
    await registry.send(
      {
        method: 'GET',
        to: '',
        registry: host,
        repository: '',
        scopes: [],
        expect: [200],
        purpose: 'a login',
      },
      () => undefined,
    );
  } catch (error) {
    if (!(error instanceof PithError) || error.code !== 'REGISTRY_UNAUTHORIZED') throw error;
    throw new PithError(error.code, error.message, {
      hint: 'Check the name and the password; some registries want an access token in place of the password.',
      cause: error,
    });
  }
  return await storeLogin(target, login, authContext(context, options));
}

/** Forgets the credentials for a registry. @throws USAGE, CREDENTIALS_FAILED, OUTPUT_FAILED */
export function logOut(
  target: string,
  context: LocationContext,
  options: LoginOptions = {},
): Promise<LogoutReport> {
  return removeLogin(target, authContext(context, options));
}

/** Every credential that there is, the first for a target being the one that is used. @throws CREDENTIALS_FAILED */
export function listLogins(context: LocationContext): Promise<readonly KnownLogin[]> {
  return listFound(authContext(context));
}

function authContext(context: LocationContext, { isDocker = false }: LoginOptions = {}): LoginContext {
  const { environment, writer, signal, registry: { authFile, uid } = {} } = context;
  return {
    environment,
    authFile,
    uid,
    writer,
    isDocker,
    runHelper: createHelperRunner({ environment, signal }),
    ...(signal ? { signal } : {}),
  };
}
