/** Docker Hub under the name that it has in Docker's config.json and in its helpers. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_HOSTS = [DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io'];

/**
 * What a key of an auth file stands for, as `HOST[:PORT][/PATH]`: a registry or a part of its repositories. Docker took
 * whole addresses as keys for years (`https://HOST/v1/`), of which only the host counts; a path counts without a
 * protocol only (containers-auth.json(5)). Docker Hub has several hosts and is `docker.io` here.
 */
export function scopeOfKey(key: string, isLegacy = false): string {
  const rest = key.replace(/^https?:\/\//i, '');
  const slash = rest.indexOf('/');
  const host = normalizeHost(slash < 0 ? rest : rest.slice(0, slash));
  const path = slash < 0 ? '' : rest.slice(slash + 1).replace(/\/+$/, '');
  const isAddress = rest !== key || isLegacy || (rest.endsWith('/') && /^v[12]$/.test(path));
  return path === '' || isAddress ? host : `${host}/${path}`;
}

/** What is looked for a repository, the most special first: the repository, the folders that it is in, the registry. */
export function scopesOf(registry: string, repository: string): string[] {
  const host = normalizeHost(registry);
  const parts = repository === '' ? [] : repository.split('/');
  return [...parts.map((_, at) => `${host}/${parts.slice(0, parts.length - at).join('/')}`), host];
}

/** The registry and the path of a scope. */
export function splitScope(scope: string): [host: string, path: string] {
  const slash = scope.indexOf('/');
  return slash < 0 ? [scope, ''] : [scope.slice(0, slash), scope.slice(slash + 1)];
}

/** The key for a scope that a file of Docker's has, and that Docker's helpers know. */
export function dockerKey(scope: string): string {
  return scope === DOCKER_HUB ? DOCKER_HUB_KEY : scope;
}

function normalizeHost(host: string): string {
  const lower = host.toLowerCase();
  return DOCKER_HUB_HOSTS.includes(lower) ? DOCKER_HUB : lower;
}
