import { PithError } from '../core/index.ts';
import type { Healthcheck } from '../oci/index.ts';
import type { FileSpec, HealthcheckDefinition } from './definition-types.ts';

/** Where the program that asks an application by HTTP or TCP lies in an image. */
export const PROBE = '/usr/local/bin/pith-probe';

/** Its files in the folder of all of them, by platform. */
const PROBES: Readonly<Record<string, string>> = {
  'linux/386': '386',
  'linux/amd64': 'amd64',
  'linux/arm/v7': 'arm',
  'linux/arm64': 'arm64',
  'linux/ppc64le': 'ppc64le',
  'linux/riscv64': 'riscv64',
  'linux/s390x': 's390x',
};

const URL = /^(?:http|tcp):\/\/(?:localhost|127\.0\.0\.1|\[::1\])?:(\d{1,5})(\/[!-~]*)?$/;
const MAX_URL = 2000;
const PART = /(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)/g;
const DURATION = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
/** A day; and the shortest that Docker takes. */
const MAX_DURATION = 24 * 3600e9;
const MIN_DURATION = 1e6;
/** Docker's own, which the probe has to be told. */
const DEFAULT_TIMEOUT = 30e9;

/** Whether a text is the address of a server in the same container: `http://:8080/health`, `tcp://:5432`. */
export function isProbeUrl(text: string): boolean {
  const [, port = '', path] = URL.exec(text) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  return isPort && text.length <= MAX_URL && (path === undefined || text.startsWith('http:'));
}

/** Whether a text is a time as Docker writes it, such as `30s` or `1m30s`, from 1 ms to a day. */
export function isDuration(text: string): boolean {
  const time = DURATION.test(text) ? nanoseconds(text) : 0;
  return time >= MIN_DURATION && time <= MAX_DURATION;
}

function nanoseconds(text: string): number {
  const parts = [...text.matchAll(PART)].map(([, count, unit]) => Number(count) * (UNITS[unit ?? ''] ?? 0));
  return Math.round(parts.reduce((sum, part) => sum + part, 0));
}

/**
 * What a definition says of the health of its application, as the image's configuration does.
 * @throws PithError DEFINITION_INVALID for an address or a time that is none
 */
export function healthcheckOf(definition: HealthcheckDefinition): Healthcheck {
  if (definition === false) return { Test: ['NONE'] };
  const { test, url, interval, timeout, retries, startPeriod } = withKeys(definition);
  if ((url === undefined) === (test === undefined) || test?.length === 0)
    throw invalid('it needs one of `test`, a command, and `url`');
  if (url !== undefined && !isProbeUrl(url))
    throw invalid(`${JSON.stringify(url)} is no address such as http://:8080/health or tcp://:5432`);
  for (const time of [interval, timeout, startPeriod])
    if (time !== undefined && !isDuration(time))
      throw invalid(`${JSON.stringify(time)} is no time such as 30s`);
  const limit = timeout === undefined ? DEFAULT_TIMEOUT : nanoseconds(timeout);
  const command = url === undefined ? (test ?? []) : [PROBE, shorten(url), String(Math.ceil(limit / 1e6))];
  return {
    Test: ['CMD', ...command],
    ...(interval === undefined ? {} : { Interval: nanoseconds(interval) }),
    ...(timeout === undefined ? {} : { Timeout: nanoseconds(timeout) }),
    ...(startPeriod === undefined ? {} : { StartPeriod: nanoseconds(startPeriod) }),
    ...(retries === undefined ? {} : { Retries: retries }),
  };
}

function withKeys(definition: Exclude<HealthcheckDefinition, false>): HealthcheckKeys {
  if (typeof definition === 'string') return { url: definition };
  return isList(definition) ? { test: definition } : definition;
}

type HealthcheckKeys = Exclude<HealthcheckDefinition, false | string | readonly string[]>;

function isList(definition: HealthcheckKeys | readonly string[]): definition is readonly string[] {
  return Array.isArray(definition);
}

/** The probe knows `localhost` as no host: 127.0.0.1, then ::1. */
function shorten(url: string): string {
  return url.replace('://localhost:', '://:');
}

function invalid(why: string): PithError {
  return new PithError('DEFINITION_INVALID', `the health check cannot be: ${why}`, {
    hint: 'docs/definitions.md says what it can be.',
  });
}

/**
 * The probe for each platform, if a health check needs it.
 * @param folder of the probes
 */
export function probeFiles(definition: HealthcheckDefinition | undefined, folder: string): FileSpec[] {
  if (definition === undefined || definition === false || withKeys(definition).url === undefined) return [];
  return Object.entries(PROBES).map(([platform, from]) => ({
    to: PROBE,
    from,
    mode: '0755',
    project: folder,
    platform,
  }));
}

/**
 * Looks whether there is a probe for all platforms of an image that needs it.
 * @throws PithError DEFINITION_INVALID
 */
export function checkProbe(healthcheck: Healthcheck | undefined, platforms: readonly string[]): void {
  if (healthcheck?.Test?.[1] !== PROBE) return;
  const absent = platforms.filter((platform) => !Object.hasOwn(PROBES, platform));
  if (absent.length > 0)
    throw invalid(`there is no probe for ${absent.join(', ')}; give a command as \`test\``);
}
