import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AddedProgram,
  type DockerfileBase,
  findBuildStage,
  type ImageSettings,
  writeDockerfile,
} from '../../app/index.ts';
import { PithError } from '../../core/index.ts';
import { formatPlatform } from '../../oci/index.ts';
import { isTarball } from '../../resolve/index.ts';
import { isBaseLocation } from '../bases.ts';
import type { BuildTools } from '../builder.ts';
import type { ConfigSpec } from '../config-spec.ts';
import { PROBE } from '../healthcheck.ts';
import type { ImageSpec } from '../image-spec.ts';
import { resolveImages, type WantedImage } from '../lock.ts';
import type { PackedApplication } from './applications.ts';
import { readBuildContext } from './build-context.ts';

/** Code names of the releases of Debian. */
const SUITES: Readonly<Record<string, string>> = { debian12: 'bookworm', debian13: 'trixie' };
const EMPTY: ImageSettings = { env: {}, ports: [], volumes: [], labels: {} };

/**
 * The Dockerfile that is equivalent to a packed application.
 * @param wanted the image with its platforms
 * @throws PithError APP_INVALID where each platform has a program of its own, and as writeDockerfile
 */
export async function dockerfileOf(
  { base, found }: PackedApplication,
  { image, platforms }: WantedImage,
  variant: string,
  tools: BuildTools,
): Promise<string> {
  const [only, ...others] = found;
  if (!only) throw new PithError('INTERNAL', 'an application that is none');
  if (others.length > 0)
    throw new PithError('APP_INVALID', 'a Dockerfile is for one program, and each platform has its own', {
      hint: 'Write one for each: name one platform with `--platform`.',
    });
  const { application, project } = only;
  const below = await describeBase(base, image, variant, tools);
  return writeDockerfile({
    application,
    context: await readBuildContext(project, application),
    base: below,
    packages: await addedPackages({ image, platforms }, base, tools),
    settings: configOf(image, variant),
    ...probeOf({ image, platforms }),
    build: await findBuildStage(project, application, below),
  });
}

/** The probe that its health check needs, as the image will have it. */
function probeOf({ image, platforms }: WantedImage): { probe?: AddedProgram } {
  const probes = image.levels.flatMap(({ files }) => files).filter(({ to }) => to === PROBE);
  if (probes.length === 0) return {};
  const names = platforms.map(formatPlatform);
  const found = probes.find(({ platform }) => platform === names[0]);
  if (names.length > 1 || !found)
    throw new PithError(
      'APP_INVALID',
      'the program of a health check is for one platform, and so is its Dockerfile',
      {
        hint: 'Name one platform with `--platform`, or give a command of the application to `--healthcheck`.',
      },
    );
  return { probe: { path: PROBE, content: readFileSync(join(found.project, found.from ?? '')) } };
}

function configOf(image: ImageSpec, variant: string): ConfigSpec {
  return image.variants[variant]?.config ?? image.config;
}

async function describeBase(
  base: string,
  image: ImageSpec,
  variant: string,
  { workspace }: BuildTools,
): Promise<DockerfileBase> {
  const suite = SUITES[image.distribution] ?? 'trixie';
  if (image.base || isBaseLocation(base)) {
    const reference = base.replace(/^docker:\/\//, '');
    const settings = image.base?.config ?? EMPTY;
    return { reference, name: base, origin: `The base is ${base}.`, suite, settings };
  }
  const below = await workspace.catalogue.image(base);
  const target = `${below.name}:${variant}`;
  return {
    reference: `oci:images:${target}`,
    name: below.name,
    origin: `The base is made by \`pith build ${base}:${variant}\`, in ./images.`,
    suite,
    settings: configOf(below, variant),
  };
}

/** Packages of the levels that the base does not have. */
async function addedPackages(
  { image, platforms }: WantedImage,
  base: string,
  { archives, workspace }: BuildTools,
): Promise<string[]> {
  const known =
    image.base || isBaseLocation(base)
      ? new Set<string>()
      : new Set((await workspace.catalogue.image(base)).levels.map(({ name }) => name));
  const added = image.levels.filter(({ name, packages }) => !known.has(name) && packages.length > 0);
  if (added.length === 0) return [];
  const lockfile = await resolveImages([{ image, platforms }], archives, workspace);
  const names = platforms.flatMap((platform) =>
    added.flatMap(({ name }) => {
      const level = lockfile.images[image.name]?.platforms[formatPlatform(platform)]?.[name];
      return (level?.packages ?? []).flatMap(({ package: key }) => {
        const locked = lockfile.packages[key];
        return locked && !isTarball(locked) ? [locked.name] : [];
      });
    }),
  );
  return [...new Set(names)].sort();
}
