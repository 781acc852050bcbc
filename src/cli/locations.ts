import { resolve } from 'node:path';
import { openLocations, type Locations } from '../build/index.ts';
import type { RegistrySettings } from '../location/index.ts';
import type { RegistryFlags } from './flags.ts';
import { interruptible } from './interruptible.ts';

/** Runs work that only moves images, as interruptible says: the code that resolves and builds is not even loaded. */
export async function withLocations<Result>(
  flags: RegistryFlags,
  work: (locations: Locations) => Promise<Result>,
): Promise<Result> {
  return await interruptible(flags, ({ report }, signal, atOnce) => {
    const locations = openLocations({
      env: process.env,
      ...(flags.cacheDir === undefined ? {} : { cacheFolder: flags.cacheDir }),
      registry: registryOf(flags),
      signal,
      onProgress: report,
    });
    atOnce(() => {
      locations.removeTemporary();
    });
    return work(locations);
  });
}

/** How registries are talked to, as far as flags say it. */
export function registryOf(flags: RegistryFlags): RegistrySettings {
  return {
    ...(flags.authfile === undefined ? {} : { authFile: flags.authfile }),
    ...(flags.certDir === undefined ? {} : { certificates: resolve(flags.certDir) }),
    ...(flags.insecure === undefined ? {} : { insecure: flags.insecure }),
  };
}
