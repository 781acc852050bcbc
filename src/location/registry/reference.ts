import { isDigest, PithError, type Digest } from '../../core/index.ts';
import { COMPONENT, DOMAIN, MAX_NAME_LENGTH } from '../reference.ts';

/** What `docker://` is followed by: a repository with a tag or digest, or a folder of repositories. */
export interface RegistryReference {
  /** `HOST[:PORT]`; `docker.io` stands for Docker Hub. */
  readonly registry: string;
  /** Path of the repository; of a folder the path of the folder without a slash at its end, perhaps empty. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
  /** Whether it ends in a slash: images are then found below it by their names. */
  readonly isFolder: boolean;
}

const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const REGISTRY = new RegExp(`^${DOMAIN}$`);
/** Distribution-spec 1.1, "Pulling manifests". */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_HOST = 'registry-1.docker.io';

export function isTag(text: string): boolean {
  return TAG.test(text);
}

export function isRepository(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && REPOSITORY.test(text);
}

/** Where the registry is asked. */
export function hostOf(registry: string): string {
  return registry === DOCKER_HUB ? DOCKER_HUB_HOST : registry;
}

/**
 * Reads `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]` as containers-transports(5) has it after `docker://`: without a registry
 * Docker Hub is meant, there without a folder `library/`, without tag and digest the tag `latest`. With a slash at
 * the end it is a folder of repositories, `REGISTRY/[FOLDER/]`.
 * @throws BAD_LOCATION that says which part is wrong
 */
export function parseRegistryReference(text: string): RegistryReference {
  const fault = (why: string, hint: string): PithError =>
    new PithError('BAD_LOCATION', `${JSON.stringify(`docker://${text}`)}: ${why}`, { hint });
  const scheme = /^([a-z]+:)?\/\//.exec(text)?.[0];
  if (scheme !== undefined)
    throw fault(
      'an address is not the name of an image',
      `Leave ${scheme} out: docker://${text.slice(scheme.length)}.`,
    );
  const { name, digest } = cutDigest(text, fault);
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(0, slash));
  const hasRegistry = slash >= 0 && (/[.:A-Z[]/.test(first) || first === 'localhost');
  if (slash < 0 && /^(?:localhost|[^:]*\..*|\[.*\])(?::[0-9]+)?$/.test(name))
    throw fault(
      'it names a registry, but no repository',
      'A location is docker://REGISTRY/REPOSITORY[:TAG].',
    );
  const registry = hasRegistry ? first : DOCKER_HUB;
  const path = hasRegistry ? name.slice(slash + 1) : name;
  if (!REGISTRY.test(registry) || Number(/:([0-9]+)$/.exec(registry)?.[1] ?? 1) > 65_535)
    throw fault(
      `${JSON.stringify(registry)} is not a registry`,
      'A registry is written as HOST or HOST:PORT.',
    );
  if (path.endsWith('/') || (path === '' && hasRegistry)) {
    if (digest !== undefined) throw fault('a folder has no digest', 'Name a repository.');
    return asFolder(registry, path.replace(/\/$/, ''), fault);
  }
  return asRepository(registry, path, digest, fault);
}

type Fault = (why: string, hint: string) => PithError;

function cutDigest(text: string, fault: Fault): { name: string; digest: Digest | undefined } {
  const at = text.indexOf('@');
  if (at < 0) return { name: text, digest: undefined };
  const digest = text.slice(at + 1);
  if (!isDigest(digest))
    throw fault(
      `${JSON.stringify(digest)} is not a digest`,
      'A digest is sha256: and 64 lower-case hexadecimal digits.',
    );
  return { name: text.slice(0, at), digest };
}

function asFolder(registry: string, repository: string, fault: Fault): RegistryReference {
  if (repository !== '') checkRepository(repository, registry, fault);
  return { registry: canonical(registry), repository, isFolder: true };
}

function asRepository(
  registry: string,
  path: string,
  digest: Digest | undefined,
  fault: Fault,
): RegistryReference {
  const colon = path.indexOf(':');
  const name = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? undefined : path.slice(colon + 1);
  checkRepository(name, registry, fault);
  if (tag !== undefined && !TAG.test(tag))
    throw fault(
      `${JSON.stringify(tag)} is not a tag`,
      'A tag is up to 128 letters, digits and _ . - and begins with none of the last two.',
    );
  const known = canonical(registry);
  const repository = known === DOCKER_HUB && !name.includes('/') ? `library/${name}` : name;
  const reference = { registry: known, repository, isFolder: false };
  if (digest === undefined) return { ...reference, tag: tag ?? 'latest' };
  return { ...reference, digest, ...(tag === undefined ? {} : { tag }) };
}

function checkRepository(name: string, registry: string, fault: Fault): void {
  if (/^[0-9a-f]{64}$/.test(name))
    throw fault('an image’s ID is not the name of a repository', 'Name the repository it was pushed to.');
  if (registry.length + name.length + 1 > MAX_NAME_LENGTH)
    throw fault(`the name is longer than ${MAX_NAME_LENGTH} characters`, 'Choose a shorter one.');
  if (REPOSITORY.test(name)) return;
  const hint = REPOSITORY.test(name.toLowerCase())
    ? `Names of repositories are in lower case: ${name.toLowerCase()}.`
    : 'A name is lower-case words with . _ or - inside them, joined by slashes.';
  throw fault(name === '' ? 'the name is missing' : `${JSON.stringify(name)} is not a repository`, hint);
}

function canonical(registry: string): string {
  return registry === `index.${DOCKER_HUB}` ? DOCKER_HUB : registry;
}
