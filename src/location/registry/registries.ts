import { Registry } from './registry.ts';
import type { ReadContext } from './settings.ts';

const known = new WeakMap<ReadContext, Map<string, Registry>>();

/** The registry of a name; one context has one of each, so that connections and tokens are shared. */
export function registryOf(name: string, context: ReadContext): Registry {
  const registries = known.get(context) ?? new Map<string, Registry>();
  known.set(context, registries);
  const registry = registries.get(name) ?? new Registry(name, context);
  registries.set(name, registry);
  return registry;
}
