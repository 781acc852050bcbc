import { show as showImage, type ShownFile, type ShownImage } from '../../build/index.ts';
import { PithError } from '../../core/index.ts';
import type { ScriptEffect } from '../../rootfs/index.ts';
import { formatPlatform } from '../../oci/index.ts';
import { formOf, type ShowFlags } from '../flags.ts';
import { formatSize, formatTable } from '../format.ts';
import { localDefinition, withWorkspace } from '../workspace.ts';

/** `pith show`: what would be built and why. Without a variant the first one is shown, `latest`. */
export async function show(name: string | undefined = localDefinition(), flags: ShowFlags): Promise<void> {
  if (name === undefined)
    throw new PithError('USAGE', 'no image was named, and there is no pith.yaml here', {
      hint: '`pith ls` lists the images.',
    });
  const images = await withWorkspace(flags, (workspace) =>
    showImage(
      { target: name, platforms: flags.platform ?? [formatPlatform(workspace.platform)], ...formOf(flags) },
      workspace,
    ),
  );
  const asked = name.includes(':') ? images : images.filter(({ variant }) => variant === images[0]?.variant);
  if (flags.json) {
    const value = asked.map((image) =>
      flags.files ? image : { ...image, files: image.files.filter((file) => !file.isPackaged) },
    );
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    return;
  }
  process.stdout.write(asked.map((image) => formatImage(image, flags.files ?? false)).join('\n'));
}

function formatImage(image: ShownImage, allFiles: boolean): string {
  const files = image.files.filter((file) => allFiles || !file.isPackaged);
  return [
    `${image.name}:${image.variant} for ${image.platform}\n${image.description}\nsuites: ${image.suites.join(', ')}\n`,
    formatPackages(image),
    ...formatOmissions(image),
    allFiles
      ? `FILES (${files.length})\n${formatFiles(files)}`
      : `FILES THAT NO PACKAGE BRINGS (--files lists all ${image.files.length})\n${formatFiles(files)}`,
    ...formatScripts(image),
    formatConfig(image),
  ].join('\n');
}

function formatPackages({ packages }: ShownImage): string {
  return formatTable(
    [
      { title: 'PACKAGE' },
      { title: 'VERSION' },
      { title: 'SOURCE' },
      { title: 'SUITE' },
      { title: 'DOWNLOAD', right: true },
      { title: 'UNPACKED', right: true },
      { title: 'LEFT OUT', right: true },
      { title: 'WHY' },
    ],
    packages.map((found) => [
      found.name,
      found.version,
      found.source.version === found.version
        ? found.source.name
        : `${found.source.name} ${found.source.version}`,
      found.suite,
      formatSize(found.size),
      formatSize(found.unpacked),
      `${found.omitted} files`,
      found.because,
    ]),
  );
}

/** One row a package that is left out. */
function formatOmissions({ omissions }: ShownImage): string[] {
  if (omissions.length === 0) return [];
  const names = [...new Set(omissions.map(({ name }) => name))];
  const rows = names.map((name) => {
    const those = omissions.filter((omission) => omission.name === name);
    const by = [...new Set(those.map((omission) => omission.by))];
    const shown = by.length > 3 ? `${by.slice(0, 2).join(', ')} and ${by.length - 2} more` : by.join(', ');
    return [name, shown, those[0]?.reason ?? ''];
  });
  return [
    formatTable(
      [{ title: 'LEFT OUT' }, { title: 'NEEDED BY' }, { title: 'WHY (to have it, ask for it by name)' }],
      rows,
    ),
  ];
}

function formatFiles(files: readonly ShownFile[]): string {
  return formatTable(
    [
      { title: 'MODE' },
      { title: 'OWNER' },
      { title: 'SIZE', right: true },
      { title: 'PATH' },
      { title: 'FROM' },
    ],
    files.map((file) => [
      `${TYPE_LETTERS[file.type] ?? '?'}${file.mode}`,
      file.owner,
      file.type === 'file' ? formatSize(file.size) : '',
      file.target === undefined ? file.path : `${file.path} -> ${file.target}`,
      file.origin,
    ]),
  );
}

const TYPE_LETTERS: Readonly<Record<string, string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  hardlink: 'h',
};

function formatConfig({ config }: ShownImage): string {
  const rows: [string, string][] = [
    ['user', config.user ?? ''],
    ['workdir', config.workdir ?? ''],
    ['entrypoint', config.entrypoint ? JSON.stringify(config.entrypoint) : '(none)'],
    ['cmd', config.cmd ? JSON.stringify(config.cmd) : '(none)'],
    ...Object.entries(config.env).map(([key, value]): [string, string] => ['env', `${key}=${value}`]),
    ...Object.entries(config.labels).map(([key, value]): [string, string] => ['label', `${key}=${value}`]),
    ...config.ports.map((port): [string, string] => ['port', port]),
    ...config.volumes.map((volume): [string, string] => ['volume', volume]),
    ...(config.stopSignal === undefined ? [] : [['stop signal', config.stopSignal] as [string, string]]),
    ...(config.healthcheck ? [['health check', JSON.stringify(config.healthcheck)] as [string, string]] : []),
  ];
  return formatTable([{ title: 'CONFIG' }, { title: '' }], rows);
}

function formatScripts({ scripts }: ShownImage): string[] {
  if (scripts.length === 0) return [];
  const missing = scripts.filter((effect) => !effect.isNeedless);
  // What is of no account is one row for all packages that would do it.
  const needless = new Map<string, ScriptEffect[]>();
  for (const effect of scripts.filter(({ isNeedless }) => isNeedless)) {
    const key = JSON.stringify([effect.script, effect.command, effect.why]);
    needless.set(key, [...(needless.get(key) ?? []), effect]);
  }
  const rows = [
    ...missing.map((effect) => [effect.package, effect.script, effect.command, notDone(effect.why)]),
    ...[...needless.values()].map(([first, ...rest]) => [
      `${first?.package ?? ''}${rest.length > 0 ? ` and ${rest.length} more` : ''}`,
      first?.script ?? '',
      first?.command ?? '',
      first?.why ?? '',
    ]),
  ];
  const columns = [{ title: 'PACKAGE' }, { title: 'SCRIPT' }, { title: 'CALLS' }, { title: 'WHY' }];
  return [`WHAT SCRIPTS WOULD DO BEYOND (${missing.length} not done)\n${formatTable(columns, rows)}`];
}

function notDone(why: string): string {
  return why === '' ? 'not done' : `not done: ${why}`;
}
