import type { PackedApplication } from '../../build/index.ts';
import { formatSize } from '../format.ts';

/** What `--explain --json` prints. */
export function explained(packed: PackedApplication): object {
  const { base, packages, rejected, found, image } = packed;
  return {
    base,
    because: reasonOf(packed),
    packages,
    rejected,
    config: image.config,
    applications: found.map(({ platform, application: { kind, title, evidence, notes, layers } }, index) => ({
      ...(platform === undefined ? {} : { platform }),
      kind,
      title,
      evidence,
      notes,
      layers: layers.map((layer, at) => ({
        name: layer.name,
        files: [...layer.files.keys()],
        size: sizeOf(found[index]?.trees[at]),
      })),
    })),
  };
}

/** What `--explain` prints. */
export function explanation(packed: PackedApplication): string {
  const { base, packages, rejected, found, image } = packed;
  const lines: string[] = [];
  for (const { platform, application, trees } of found) {
    lines.push(`${application.title}${platform === undefined ? '' : ` for ${platform}`}`);
    for (const one of application.evidence) lines.push(`  ${one}`);
    for (const note of application.notes) lines.push(`  note: ${note}`);
    lines.push('', 'Layers');
    for (const [at, { name, files }] of application.layers.entries())
      lines.push(
        `  ${name}: ${files.size} ${files.size === 1 ? 'file' : 'files'}, ${formatSize(sizeOf(trees[at]))}`,
      );
    lines.push('');
  }
  lines.push(`Base ${base}`, `  ${reasonOf(packed)}`);
  for (const one of rejected) lines.push(`  not ${one.base}: it ${one.because}`);
  for (const { name, because } of packages) lines.push(`  with ${name}, because ${because}`);
  const { config } = image;
  lines.push('', 'Configuration');
  const rows: [string, string | undefined][] = [
    ['entrypoint', config.entrypoint && JSON.stringify(config.entrypoint)],
    ['cmd', config.cmd && JSON.stringify(config.cmd)],
    ['user', config.user],
    ['workdir', config.workdir],
    ['healthcheck', config.healthcheck && JSON.stringify(config.healthcheck)],
    ['ports', config.ports.length > 0 ? config.ports.join(', ') : undefined],
    [
      'env',
      Object.entries(config.env)
        .map(([name, value]) => `${name}=${value.replace(/\$\{version:([^}]+)\}/g, '(version of $1)')}`)
        .join(' '),
    ],
    [
      'labels',
      Object.entries(config.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    ['writes to', [...new Set(found.flatMap(({ application }) => application.config.writable))].join(', ')],
  ];
  for (const [name, value] of rows) if (value !== undefined && value !== '') lines.push(`  ${name} ${value}`);
  return `${lines.join('\n')}\n`;
}

const RUNTIMES = { nodejs: 'Node.js', python3: 'Python', java: 'Java' } as const;

/** Why it is this base. */
function reasonOf({ found, image, rejected }: PackedApplication): string {
  if (image.app?.definition.extends !== undefined) return 'it is the one that was asked for';
  const runtime = found[0]?.application.needs.runtime;
  if (runtime) {
    const title = RUNTIMES[runtime.name];
    return runtime.wanted === 'any'
      ? `it has ${title}, and nothing says which version is wanted`
      : `it has ${title} ${runtime.wanted}`;
  }
  return rejected.length === 0
    ? 'it is the smallest image, and lacks nothing that is needed'
    : 'it is the smallest image that has, or can be given, what is needed';
}

function sizeOf(tree: PackedApplication['found'][number]['trees'][number] | undefined): number {
  return (tree?.entries ?? []).reduce((sum, { size }) => sum + size, 0);
}
