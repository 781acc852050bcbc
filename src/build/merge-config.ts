import type { ConfigSpec } from './config-spec.ts';
import type { Definition, VariantDefinition } from './definition-types.ts';
import { healthcheckOf } from './healthcheck.ts';

/** The keys of a definition or variant that end up in the image configuration. */
type ConfigDefinition = Omit<VariantDefinition, 'extends' | 'packages' | 'omit' | 'files'> &
  Pick<Definition, 'ports' | 'volumes' | 'stopSignal' | 'healthcheck'>;

/** The configuration of a definition or variant on top of what it inherits. */
export function mergeConfig(base: ConfigSpec, over: ConfigDefinition): ConfigSpec {
  const {
    entrypoint = base.entrypoint,
    cmd = over.entrypoint ? undefined : base.cmd,
    user = base.user,
    workdir = base.workdir,
  } = over;
  const stopSignal = over.stopSignal ?? base.stopSignal;
  const healthcheck = over.healthcheck === undefined ? base.healthcheck : healthcheckOf(over.healthcheck);
  return {
    env: {
      ...base.env,
      ...Object.fromEntries(
        Object.entries(over.env ?? {}).map(([name, value]) => [name, expand(value, base.env)]),
      ),
    },
    ports: [...new Set([...base.ports, ...(over.ports ?? [])])],
    volumes: [...new Set([...base.volumes, ...(over.volumes ?? [])])],
    labels: { ...base.labels, ...over.labels },
    ...(entrypoint ? { entrypoint } : {}),
    ...(cmd ? { cmd } : {}),
    ...(user === undefined ? {} : { user }),
    ...(workdir === undefined ? {} : { workdir }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(healthcheck ? { healthcheck } : {}),
  };
}

function expand(value: string, env: Readonly<Record<string, string>>): string {
  return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_match, name: string) => env[name] ?? '');
}
