import type { RunConfig } from '../oci/index.ts';
import type { Plan } from './plan.ts';

/** `config` of the image configuration (OCI image-spec, config.md). */
export function runConfig({ config }: Plan): RunConfig {
  const env = Object.entries(config.env).map(([name, value]) => `${name}=${value}`);
  const keys = (names: readonly string[]): Record<string, Record<string, never>> =>
    Object.fromEntries(names.map((name) => [name, {}]));
  return {
    ...(config.user === undefined ? {} : { User: config.user }),
    ...(config.ports.length > 0
      ? { ExposedPorts: keys(config.ports.map((port) => (port.includes('/') ? port : `${port}/tcp`))) }
      : {}),
    ...(env.length > 0 ? { Env: env } : {}),
    ...(config.entrypoint ? { Entrypoint: config.entrypoint } : {}),
    ...(config.cmd ? { Cmd: config.cmd } : {}),
    ...(config.volumes.length > 0 ? { Volumes: keys(config.volumes) } : {}),
    ...(config.workdir === undefined ? {} : { WorkingDir: config.workdir }),
    ...(Object.keys(config.labels).length > 0 ? { Labels: config.labels } : {}),
    ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
    ...(config.healthcheck ? { Healthcheck: config.healthcheck } : {}),
  };
}

/** RFC 3339 in whole seconds. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
