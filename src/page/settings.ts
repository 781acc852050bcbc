import type { ImageConfig } from '../oci/index.ts';
import type { PageSetting } from './data.ts';

/**
 * What a configuration says, as names with lines, in the order of the OCI specification (config.md); what is not said
 * is not there.
 * @param annotations those of the manifest
 */
export function settingsOf(
  { config = {}, ...image }: ImageConfig,
  annotations: Readonly<Record<string, string>> = {},
): PageSetting[] {
  const health = config.Healthcheck;
  const settings: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['User', lineOf(config.User)],
    ['Entrypoint', config.Entrypoint],
    ['Command', config.Cmd],
    ['Working folder', lineOf(config.WorkingDir)],
    ['Environment', config.Env],
    ['Ports', config.ExposedPorts && Object.keys(config.ExposedPorts)],
    ['Volumes', config.Volumes && Object.keys(config.Volumes)],
    ['Stop signal', lineOf(config.StopSignal)],
    ['Health check', health?.Test],
    ['Labels', linesOf(config.Labels)],
    ['Annotations', linesOf(annotations)],
    ['Created', lineOf(image.created)],
    ['Author', lineOf(image.author)],
  ];
  return settings.flatMap(([name, values]) => (values && values.length > 0 ? [{ name, values }] : []));
}

function lineOf(value: string | undefined): string[] | undefined {
  return value === undefined || value === '' ? undefined : [value];
}

function linesOf(values: Readonly<Record<string, string>> | undefined): string[] {
  return Object.entries(values ?? {}).map(([name, value]) => `${name}=${value}`);
}
