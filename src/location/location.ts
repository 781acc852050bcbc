import { isDigest, nearest, PithError } from '../core/index.ts';
import { isLayoutName, parseDockerReference } from './reference.ts';
import { parseRegistryReference } from './registry/reference.ts';

/** Where images are read or written, as containers-transports(5) spells it; `containerd:` is in its manner. */
export type Location = FileLocation | EngineLocation | RegistryLocation;

export interface FileLocation {
  readonly kind: 'oci' | 'oci-archive' | 'docker-archive';
  /** The folder (`oci`) or file, as it was written. */
  readonly path: string;
  /** The image's name in it; `@N` for the Nth image of a docker-archive that is read. */
  readonly reference?: string;
}

export interface EngineLocation {
  readonly kind: 'containers-storage' | 'docker-daemon' | 'containerd';
  /** The image's name in the engine's storage: `NAME[:TAG]`; to read, `@DIGEST` or an ID as well. */
  readonly reference: string;
}

export interface RegistryLocation {
  readonly kind: 'docker';
  /** What follows `docker://`; a folder of repositories if it ends in a slash. */
  readonly reference: string;
}

type Kind = Location['kind'];
interface Form {
  readonly usage: string;
  readonly parse: (details: string) => Location | undefined;
}

const FORMS: Readonly<Record<Kind, Form>> = {
  oci: { usage: 'oci:DIR[:TAG]', parse: (details) => parseFile('oci', details, isLayoutName) },
  'oci-archive': {
    usage: 'oci-archive:FILE[:TAG]',
    parse: (details) => parseFile('oci-archive', details, isLayoutName),
  },
  'docker-archive': {
    usage: 'docker-archive:FILE[:NAME[:TAG]]',
    parse: (details) =>
      parseFile(
        'docker-archive',
        details,
        (text) => /^@[0-9]{1,6}$/.test(text) || parseDockerReference(text) !== undefined,
      ),
  },
  docker: { usage: 'docker://REGISTRY/REPOSITORY[:TAG|@DIGEST]', parse: parseRegistry },
  'containers-storage': {
    usage: 'containers-storage:NAME[:TAG]',
    parse: (details) => parseEngine('containers-storage', details),
  },
  'docker-daemon': {
    usage: 'docker-daemon:NAME[:TAG]',
    parse: (details) => parseEngine('docker-daemon', details),
  },
  containerd: {
    usage: 'containerd:NAME[:TAG]',
    parse: (details) => parseEngine('containerd', details),
  },
};

const SUPPORTED = `Supported are ${Object.values(FORMS)
  .map((form) => form.usage)
  .join(', ')}.`;

/**
 * Reads a location. The first colon after the transport's ends the path, so a path holds none; a TAG may hold more.
 * @throws BAD_LOCATION
 */
export function parseLocation(text: string): Location {
  const colon = text.indexOf(':');
  const transport = colon < 0 ? text : text.slice(0, colon);
  if (colon < 0 || !isKind(transport)) throw unknownTransport(text, transport);
  const { usage, parse } = FORMS[transport];
  const location = parse(text.slice(colon + 1));
  if (location) return location;
  throw new PithError('BAD_LOCATION', `${JSON.stringify(text)} is not a location of the form ${usage}`, {
    hint: 'The path, name and tag must not be empty; a path cannot hold a colon; names are lower-case words.',
  });
}

/** Whether a text begins with a kind of location and a colon, as no name of an image does. */
export function isLocation(text: string): boolean {
  const colon = text.indexOf(':');
  return colon >= 0 && isKind(text.slice(0, colon));
}

/** A location as it is written. */
export function formatLocation(location: Location): string {
  if (location.kind === 'docker') return `docker://${location.reference}`;
  const parts =
    'path' in location
      ? [location.kind, location.path, location.reference]
      : [location.kind, location.reference];
  return parts.filter((part) => part !== undefined).join(':');
}

function parseRegistry(details: string): Location | undefined {
  if (!details.startsWith('//')) return undefined;
  const reference = details.slice(2);
  parseRegistryReference(reference);
  return { kind: 'docker', reference };
}

/** A name in an engine's storage; with a digest it can be read only. */
function parseEngine(kind: EngineLocation['kind'], reference: string): Location | undefined {
  const [name = '', digest, ...others] = reference.split('@');
  const isName = parseDockerReference(name) !== undefined && others.length === 0;
  return isName && (digest === undefined || isDigest(digest)) ? { kind, reference } : undefined;
}

function parseFile(
  kind: FileLocation['kind'],
  details: string,
  isReference: (text: string) => boolean,
): Location | undefined {
  const colon = details.indexOf(':');
  const path = colon < 0 ? details : details.slice(0, colon);
  const reference = colon < 0 ? undefined : details.slice(colon + 1);
  if (path === '' || path.includes('\0')) return undefined;
  if (reference === undefined) return { kind, path };
  return isReference(reference) ? { kind, path, reference } : undefined;
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(FORMS, text);
}

function unknownTransport(text: string, transport: string): PithError {
  const near = nearest(transport, Object.keys(FORMS));
  if (near)
    return new PithError('BAD_LOCATION', `${JSON.stringify(transport)} is not a kind of location`, {
      hint: `Did you mean ${near}:? ${SUPPORTED}`,
    });
  if (/^(?:localhost|[^/:@~.][^/:@]*(?:\.[^/:@]+|:[0-9]+)(?::[0-9]+)?)\/./.test(text))
    return new PithError('BAD_LOCATION', `${JSON.stringify(text)} does not say what kind of location it is`, {
      hint: `A registry is written as docker://${text}. ${SUPPORTED}`,
    });
  const message = /^[a-z][a-z-]*:/.test(text)
    ? `locations of the kind ${transport}: are not supported`
    : `${JSON.stringify(text)} does not say what kind of location it is`;
  return new PithError('BAD_LOCATION', message, { hint: SUPPORTED });
}
