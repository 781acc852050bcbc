import { PithError } from '../core/index.ts';

/** Grammar of the distribution project's reference package, which Docker, Podman and the registries share. */
export const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
export const DOMAIN = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const REFERENCE = new RegExp(
  `^(?:(${DOMAIN})/)?(${COMPONENT}(?:/${COMPONENT})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?$`,
);
export const MAX_NAME_LENGTH = 255;

/** Names in an OCI layout: image-spec 1.1, annotations.md, "org.opencontainers.image.ref.name". */
const LAYOUT_COMPONENT = '[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*';
const LAYOUT_NAME = new RegExp(`^${LAYOUT_COMPONENT}(?:/${LAYOUT_COMPONENT})*$`);
const MAX_LAYOUT_NAME_LENGTH = 1024;

export function isLayoutName(text: string): boolean {
  return text.length <= MAX_LAYOUT_NAME_LENGTH && LAYOUT_NAME.test(text);
}

/** @throws USAGE if an image cannot have this name in an OCI layout */
export function requireLayoutName(name: string): string {
  if (isLayoutName(name)) return name;
  throw new PithError('USAGE', `${JSON.stringify(name)} cannot be a name in an OCI layout`, {
    hint: 'A name is words of letters and digits, joined by one of - . _ : @ + /',
  });
}

/** A Docker reference with a tag, in both of its forms. */
export interface DockerReference {
  /** As people write it: `cc-debian13:latest`. */
  readonly familiar: string;
  /** With the registry and folder that go without saying: `docker.io/library/cc-debian13:latest`. */
  readonly full: string;
}

/** Reads `[REGISTRY/]NAME[:TAG]`; the tag is `latest` if none is given. Undefined if it is not one, or has a digest. */
export function parseDockerReference(text: string): DockerReference | undefined {
  if (text.length > MAX_NAME_LENGTH + 129) return undefined;
  const [first = '', ...others] = text.split('/');
  const hasDomain = others.length > 0 && (/[.:A-Z[]/.test(first) || first === 'localhost');
  const match = REFERENCE.exec(hasDomain ? text : `docker.io/${text}`);
  if (!match) return undefined;
  const [, domain = '', name = '', tag = 'latest'] = match;
  const isDockerHub = domain === 'docker.io' || domain === 'index.docker.io';
  const folder = isDockerHub && !name.includes('/') ? 'library/' : '';
  const full = `${isDockerHub ? 'docker.io' : domain}/${folder}${name}:${tag}`;
  if (full.length - tag.length - 1 > MAX_NAME_LENGTH) return undefined;
  return { familiar: hasDomain ? `${domain}/${name}:${tag}` : `${name}:${tag}`, full };
}

/** As parseDockerReference, of a name that an image is to have. @throws USAGE */
export function requireDockerReference(name: string): DockerReference {
  const reference = parseDockerReference(name);
  if (reference) return reference;
  throw new PithError('USAGE', `${JSON.stringify(name)} cannot be the name of an image in Docker or Podman`, {
    hint: 'A name is lower-case words with an optional tag, such as cc-debian13:latest.',
  });
}
