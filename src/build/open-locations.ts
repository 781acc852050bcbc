import { arch, hostname } from 'node:os';
import { getuid, kill, pid } from 'node:process';
import { systemCode } from '../core/index.ts';
import type { LocationContext, RegistrySettings } from '../location/index.ts';
import { parsePlatform, type Platform } from '../oci/index.ts';
import type { Store } from '../store/index.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import type { Progress, Workspace } from './workspace.ts';

/** Architectures as Node.js names them, where it is not as images do. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

export interface LocationsOptions extends StoreOptions {
  /** How registries are talked to. */
  readonly registry?: RegistrySettings;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: Progress) => void;
}

/** What of a workspace images are moved with, for work that neither resolves nor builds. */
export interface Locations extends Pick<Workspace, 'locations' | 'platform' | 'store' | 'onProgress'> {
  /** Removes at once the files that are under way, for when the process is about to end. */
  removeTemporary(): void;
}

/** As openWorkspace; the store is opened when something needs it. */
export function openLocations(options: LocationsOptions): Locations {
  let store: Store | undefined;
  const getStore = (): Store => (store ??= openStore(options));
  return {
    locations: contextOf(options, getStore),
    platform: machinePlatform(),
    get store() {
      return getStore();
    },
    onProgress: options.onProgress ?? (() => undefined),
    removeTemporary: () => store?.removeTemporary(),
  };
}

/** How locations are read and written. */
export function contextOf(
  { env = {}, registry, signal, onProgress }: LocationsOptions,
  getStore: () => Store,
): LocationContext {
  return {
    environment: env,
    writer: { pid, host: hostname(), isAlive },
    temporaryPath: () => getStore().temporaryPath(),
    registry: registrySettings(registry, onProgress),
    ...(signal ? { signal } : {}),
  };
}

/** The platform of this machine. */
export function machinePlatform(): Platform {
  return parsePlatform(MACHINES[arch()] ?? arch());
}

function registrySettings(
  told: RegistrySettings = {},
  onProgress: (event: Progress) => void = () => undefined,
): RegistrySettings {
  const uid = getuid?.();
  return {
    ...(uid === undefined ? {} : { uid }),
    onBytes: (bytes) => {
      onProgress({ kind: 'moved', bytes });
    },
    onRetry: ({ url, reason, pause }) => {
      onProgress({
        kind: 'note',
        what: `${url}: ${reason}; trying again in ${Math.round(pause / 100) / 10} s`,
      });
    },
    ...told,
  };
}

function isAlive(id: number): boolean {
  try {
    return kill(id, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
