import { hostname } from 'node:os';
import process from 'node:process';
import { anonymous, type LocationContext, type RegistrySettings } from '../location/index.ts';
import { startRegistry, type TestRegistry, type TestRegistryOptions } from './registry.ts';

/** For tests: registries in memory, and contexts to talk to them without patience. */

export function contextWith(
  registry: RegistrySettings = {},
  environment: LocationContext['environment'] = {},
): LocationContext {
  return {
    environment,
    writer: { pid: process.pid, host: hostname(), isAlive: () => true },
    registry: { credentials: anonymous, retryDelay: 1, stallTimeout: 300, answerTimeout: 300, ...registry },
  };
}

/** Runs with a registry that is closed afterwards. */
export async function withRegistry<Result>(
  options: TestRegistryOptions,
  work: (registry: TestRegistry) => Promise<Result>,
): Promise<Result> {
  const registry = await startRegistry(options);
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
}
