import { formatPlatform, type Healthcheck, type Image, type RunConfig } from '../../oci/index.ts';
import type { InspectSummary } from './inspect-schema.ts';

type ReportedImage = InspectSummary['image'];

/** What an image says of itself. @param name as it was asked for */
export function reportImage({ descriptor, manifest, config }: Image, name: string): ReportedImage {
  return {
    name,
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    platform: formatPlatform(config),
    created: config.created,
    author: config.author,
    annotations: { ...manifest.annotations },
    config: reportConfig(config.config ?? {}),
  };
}

/** What a container of it is started with. */
export function reportConfig(config: RunConfig): ReportedImage['config'] {
  return {
    user: config.User ?? '',
    entrypoint: config.Entrypoint && [...config.Entrypoint],
    cmd: config.Cmd && [...config.Cmd],
    env: [...(config.Env ?? [])],
    workdir: config.WorkingDir ?? '',
    ports: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    labels: { ...config.Labels },
    stopSignal: config.StopSignal,
    healthcheck: config.Healthcheck && reportHealthcheck(config.Healthcheck),
  };
}

function reportHealthcheck(check: Healthcheck): NonNullable<ReportedImage['config']['healthcheck']> {
  const { Test = [], Interval, Timeout, StartPeriod, Retries } = check;
  return {
    test: [...Test],
    interval: Interval,
    timeout: Timeout,
    startPeriod: StartPeriod,
    retries: Retries,
  };
}
