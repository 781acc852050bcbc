import { canonicalJson, type Digest, Once } from '../core/index.ts';
import { NpmRegistry } from '../distro/index.ts';
import { formatPlatform, parsePlatform, type Platform } from '../oci/index.ts';
import type { LockedTarball } from '../resolve/index.ts';
import type { ImageSpec } from './image-spec.ts';
import { npmRequest } from './npm-request.ts';
import type { Workspace } from './workspace.ts';

/** Processors as the names of Node.js's own packages have them, where it is not as images do. */
const NODE_ARCHITECTURES: Readonly<Record<string, string>> = {
  'linux/386': 'x86',
  'linux/amd64': 'x64',
  'linux/arm/v6': 'armv6l',
  'linux/arm/v7': 'armv7l',
};

/** Packages of the npm registry that images hold: official Node.js binaries. */
export class Tarballs {
  readonly #registry: NpmRegistry;
  readonly #workspace: Workspace;
  readonly #resolved = new Once<ReadonlyMap<string, LockedTarball>>();

  constructor(workspace: Workspace) {
    const { env, workingFolder, execPath, store, archive, now, signal, onProgress } = workspace;
    this.#workspace = workspace;
    this.#registry = new NpmRegistry({
      env,
      workingFolder,
      execPath,
      cache: store,
      offline: archive.offline,
      maxAge: archive.maxAge,
      now,
      ...(signal ? { signal } : {}),
      onNote: (what) => {
        onProgress({ kind: 'note', what });
      },
    });
  }

  /** The packages that an image asks for on a platform, by request: of the newest version that all its platforms have. */
  resolve(image: ImageSpec, platform: Platform): Promise<ReadonlyMap<string, LockedTarball>> {
    const levels = [...image.levels, ...Object.values(image.variants).flatMap((variant) => variant.levels)];
    const all = levels.flatMap((level) => level.packages.map(({ request }) => request));
    const requests = [...new Set(all)].filter((request) => npmRequest(request));
    const key = canonicalJson([requests, image.platforms, platform]);
    return this.#resolved.do(key, () => this.#resolve(requests, image, platform));
  }

  async #resolve(
    requests: readonly string[],
    image: ImageSpec,
    platform: Platform,
  ): Promise<ReadonlyMap<string, LockedTarball>> {
    const found = new Map<string, LockedTarball>();
    for (const request of requests) {
      const wanted = npmRequest(request);
      if (!wanted) continue;
      const nameFor = (one: Platform): string => wanted.name.replace('{arch}', nodeArchitecture(one));
      const names = new Map(image.platforms.map((text) => [nameFor(parsePlatform(text)), text]));
      const releases = await this.#registry.resolve(
        [...names.keys()],
        wanted.range,
        wanted.name.startsWith('node-linux-') ? 'Node.js' : wanted.name,
        (name) => (name === wanted.name ? name : `${name} for ${names.get(name)}`),
      );
      const release = releases.get(nameFor(platform));
      if (!release) continue;
      const { name, version, path, integrity } = release;
      found.set(request, { name, version, archive: 'npm', path, integrity });
    }
    return found;
  }

  /** The verified tarball of a locked package. */
  async fetch(wanted: LockedTarball): Promise<{ path: string; digest: Digest }> {
    const { onProgress } = this.#workspace;
    const what = `${wanted.name} ${wanted.version}`;
    let pieces = 0;
    const onBytes = (bytes: number): void => {
      if (pieces++ === 0) onProgress({ kind: 'fetch-start', what, size: 0 });
      onProgress({ kind: 'fetch-bytes', bytes });
    };
    const file = await this.#registry.fetch(wanted, { onBytes });
    if (pieces > 0) onProgress({ kind: 'fetch-done', what });
    return file;
  }
}

function nodeArchitecture(platform: Platform): string {
  return NODE_ARCHITECTURES[formatPlatform(platform)] ?? platform.architecture;
}
