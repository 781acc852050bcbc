import { isAbsolute, join } from 'node:path';
import { type Digest, Once, PithError } from '../core/index.ts';
import {
  formatLocation,
  isLocation,
  openSource,
  parseLocation,
  type ReadContext,
} from '../location/index.ts';
import {
  type Artifact,
  formatPlatform,
  type Image,
  imagesOf,
  isKnownPlatform,
  platformOfConfig,
  type Platform,
} from '../oci/index.ts';
import type { Store } from '../store/index.ts';
import { isUsrMerged, osReleaseOf, readBaseImage } from './base-image.ts';
import type { ConfigSpec } from './config-spec.ts';

/** An image that a definition extends, wherever it is. */
export interface BaseSpec {
  /** `docker://…` or another location, with paths made absolute. */
  readonly location: string;
  /** What the location stood for when it was looked at, or what the lockfile says. */
  readonly digest: Digest;
  /** `debian13`, of an image that says what it is made of. */
  readonly distribution?: string;
  /** What it calls itself, for errors. */
  readonly title: string;
  readonly platforms: readonly string[];
  readonly mergedUsr: boolean;
  /** The configuration of its first image. */
  readonly config: ConfigSpec;
}

/** Whether the `extends` of a definition names an image somewhere, not a definition. */
export function isBaseLocation(text: string): boolean {
  return isLocation(text);
}

/** A location of a definition with its path relative to the definition's folder. */
export function resolveBaseLocation(text: string, folder: string): string {
  const location = parseLocation(text);
  if (!('path' in location) || isAbsolute(location.path)) return formatLocation(location);
  return formatLocation({ ...location, path: join(folder, location.path) });
}

/** Opens images that definitions extend, each once. */
export class Bases {
  readonly #store: Store;
  readonly #context: ReadContext;
  readonly #isOffline: boolean;
  readonly #opened = new Once<Artifact>();
  readonly #inspected = new Once<BaseSpec>();

  constructor(store: Store, context: ReadContext, isOffline: boolean) {
    this.#store = store;
    this.#context = context;
    this.#isOffline = isOffline;
  }

  /**
   * Looks at an image.
   * @param digest what it has to be, as a lockfile says; whatever the location stands for unless given
   * @throws PithError as reading the location throws, LOCKFILE_MISMATCH if a layout does not hold the digest any more, OFFLINE
   */
  inspect(location: string, digest?: Digest): Promise<BaseSpec> {
    return this.#inspected.do(`${location} ${digest ?? ''}`, async () => {
      const artifact = await this.#open(location, digest);
      const all = imagesOf(artifact);
      const images = all.filter((image) => isKnownPlatform(platformOfConfig(image.config)));
      const [first] = images;
      if (!first) throw noBase(location, all);
      const contents = await readBaseImage(first, this.#store);
      const release = osReleaseOf(contents);
      const id = release.get('ID');
      const major = release.get('VERSION_ID')?.split('.')[0];
      return {
        location,
        digest: artifact.descriptor.digest,
        ...(id === 'debian' && major !== undefined ? { distribution: `${id}${major}` } : {}),
        title: release.get('PRETTY_NAME') ?? release.get('NAME') ?? 'an image without /etc/os-release',
        platforms: images.map((image) => formatPlatform(platformOfConfig(image.config))),
        mergedUsr: isUsrMerged(contents),
        config: configOf(first),
      };
    });
  }

  /** The image of a platform. */
  async image({ location, digest }: BaseSpec, platform: Platform): Promise<Image> {
    const artifact = await this.#open(location, digest);
    const name = formatPlatform(platform);
    const found = imagesOf(artifact).find((image) => formatPlatform(platformOfConfig(image.config)) === name);
    if (found) return found;
    throw new PithError('UNKNOWN_PLATFORM', `${location} has no image for ${name}`);
  }

  async #open(location: string, digest: Digest | undefined): Promise<Artifact> {
    const parsed = parseLocation(location);
    if (parsed.kind === 'docker') return await this.#pull(parsed.reference, digest);
    // Once, pinned or not: for an engine it means to save the whole image.
    const artifact = await this.#opened.do(location, () => openSource(parsed, this.#context).open());
    if (digest === undefined || artifact.descriptor.digest === digest) return artifact;
    throw new PithError('LOCKFILE_MISMATCH', `${location} is not what was locked any more (${digest})`, {
      hint: 'Bring the lockfile up to date with `pith lock`.',
    });
  }

  #pull(name: string, digest: Digest | undefined): Promise<Artifact> {
    if (this.#isOffline)
      throw new PithError('OFFLINE', `the image docker://${name} would have to be read from its registry`, {
        hint: 'Leave out --offline, or extend a copy in an OCI layout (oci:DIR).',
      });
    const reference = digest === undefined ? name : withDigest(name, digest);
    const location = { kind: 'docker', reference } as const;
    return this.#opened.do(formatLocation(location), () => openSource(location, this.#context).open());
  }
}

function noBase(location: string, images: readonly Image[]): PithError {
  const platforms = images.map((image) => formatPlatform(platformOfConfig(image.config)));
  return new PithError('IMAGE_INVALID', `${location} holds no image to build on`, {
    hint:
      platforms.length === 0
        ? 'Name an image, or an index of images.'
        : `Images are built for Linux; it has ${[...new Set(platforms)].join(', ')}.`,
  });
}

/** The reference of the same repository by digest. */
function withDigest(reference: string, digest: Digest): string {
  const [name = ''] = reference.split('@');
  const colon = name.lastIndexOf(':');
  const untagged = colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
  return `${untagged}@${digest}`;
}

function configOf({ config: { config = {} } }: Image): ConfigSpec {
  const env = (config.Env ?? []).map((entry): [string, string] => {
    const equals = entry.indexOf('=');
    return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
  return {
    env: Object.fromEntries(env),
    ports: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    labels: config.Labels ?? {},
    ...(config.Entrypoint ? { entrypoint: config.Entrypoint } : {}),
    ...(config.Cmd ? { cmd: config.Cmd } : {}),
    ...(config.User === undefined ? {} : { user: config.User }),
    ...(config.WorkingDir === undefined ? {} : { workdir: config.WorkingDir }),
    ...(config.StopSignal === undefined ? {} : { stopSignal: config.StopSignal }),
    ...(config.Healthcheck ? { healthcheck: config.Healthcheck } : {}),
  };
}
