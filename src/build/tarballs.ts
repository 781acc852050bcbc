import { type Digest, PithError } from '../core/index.ts';
import type { Platform } from '../oci/index.ts';
import type { LockedTarball } from '../resolve/index.ts';
import type { ImageSpec } from './image-spec.ts';
import { npmRequest } from './npm-request.ts';
import type { Workspace } from './workspace.ts';

/** Packages of the npm registry that images hold: official Node.js binaries. */
export class Tarballs {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** The packages that an image asks for on a platform, by request: of the newest version that all its platforms have. */
  async resolve(image: ImageSpec, platform: Platform): Promise<ReadonlyMap<string, LockedTarball>> {
    const levels = [...image.levels, ...Object.values(image.variants).flatMap((variant) => variant.levels)];
    const requests = levels
      .flatMap((level) => level.packages.map(({ request }) => request))
      .filter(npmRequest);
    if (requests.length === 0) return new Map();
    await Promise.resolve();
    throw new PithError('INTERNAL', `not yet: ${platform.os} ${String(this.#workspace.jobs)}`);
  }

  /** The verified tarball of a locked package. */
  async fetch(wanted: LockedTarball): Promise<{ path: string; digest: Digest }> {
    await Promise.resolve();
    throw new PithError('INTERNAL', `not yet: ${wanted.name}`);
  }
}
