import { byText } from '../../core/index.ts';
import { formatPlatform, type Image } from '../../oci/index.ts';
import { reportConfig } from '../report/image.ts';
import type { DiffReport } from './diff-schema.ts';

/** Members of the configurations of two images that are different, in the order of names. */
export function diffConfig(before: Image, after: Image): DiffReport['config'] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort(byText);
  return names
    .filter((field) => old.get(field) !== now.get(field))
    .map((field) => ({ field, before: old.get(field), after: now.get(field) }));
}

/** What Docker knows beyond OCI (moby, DockerOCIImageConfigExt and `Shell`). */
const MORE = [
  ['shell', 'Shell'],
  ['onBuild', 'OnBuild'],
  ['stopTimeout', 'StopTimeout'],
] as const;

function moreOf(config: object | undefined, key: string): string | undefined {
  const value = (config as Readonly<Record<string, unknown>> | undefined)?.[key];
  const isSaid = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
  return isSaid ? JSON.stringify(value) : undefined;
}

/** What a container of an image is started with, one value a name; lists whose order counts are one value. */
function fieldsOf({ config }: Image): Map<string, string> {
  const said = reportConfig(config.config ?? {});
  const fields = new Map<string, string | undefined>([
    ['platform', formatPlatform(config)],
    ['author', config.author],
    ['user', said.user || undefined],
    ['workdir', said.workdir || undefined],
    ['entrypoint', said.entrypoint && JSON.stringify(said.entrypoint)],
    ['cmd', said.cmd && JSON.stringify(said.cmd)],
    ['stopSignal', said.stopSignal],
    ['healthcheck', said.healthcheck && JSON.stringify(said.healthcheck)],
    ...MORE.map(([name, key]): [string, string | undefined] => [name, moreOf(config.config, key)]),
    ...said.env.map((line): [string, string] => {
      const [name = '', ...value] = line.split('=');
      return [`env.${name}`, value.join('=')];
    }),
    ...said.ports.map((port): [string, string] => [`ports.${port}`, port]),
    ...said.volumes.map((path): [string, string] => [`volumes.${path}`, path]),
    ...Object.entries(said.labels).map(([key, value]): [string, string] => [`labels.${key}`, value]),
  ]);
  return new Map(
    [...fields].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
