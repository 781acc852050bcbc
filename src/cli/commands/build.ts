import { build as buildImages, type BuildReport } from '../../build/index.ts';
import { PithError } from '../../core/index.ts';
import { formatPlatform } from '../../oci/index.ts';
import { formatSize, formatTable, formatTime } from '../format.ts';
import { type BuildFlags, formOf } from '../flags.ts';
import { localDefinition, withWorkspace } from '../workspace.ts';

/** `pith build`: builds, writes, and prints a row for each image. */
export async function build(names: readonly string[], flags: BuildFlags): Promise<void> {
  const report = await withWorkspace(flags, (workspace) =>
    buildImages(
      {
        targets: targetsOf(names, flags),
        platforms: flags.platform ?? [formatPlatform(workspace.platform)],
        outputs: flags.output ?? ['oci:./images'],
        format: flags.format,
        ...formOf(flags),
      },
      workspace,
    ),
  );
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
}

function targetsOf(names: readonly string[], { all }: BuildFlags): readonly string[] {
  if (all && names.length > 0)
    throw new PithError('USAGE', '--all and names exclude each other', { hint: 'Give one of them.' });
  if (all || names.length > 0) return names;
  const local = localDefinition();
  if (local !== undefined) return [local];
  throw new PithError('USAGE', 'no image was named, and there is no pith.yaml here', {
    hint: '`pith ls` lists the images; `pith build --all` builds all of them.',
  });
}

function formatReport({ images, outputs, time }: BuildReport): string {
  const table = formatTable(
    [
      { title: 'IMAGE' },
      { title: 'VARIANT' },
      { title: 'PLATFORMS' },
      { title: 'SIZE', right: true },
      { title: 'UNPACKED', right: true },
      { title: 'PACKAGES', right: true },
      { title: 'LAYERS', right: true },
      { title: 'TIME', right: true },
      { title: 'DIGEST' },
    ],
    images.map((image) => [
      image.name,
      image.variant,
      image.platforms.length > 2 ? `${image.platforms.length} platforms` : image.platforms.join(','),
      formatSize(image.size),
      formatSize(image.unpacked),
      String(image.packages),
      String(image.layers),
      formatTime(image.time),
      image.digest,
    ]),
  );
  const written = outputs
    .map(({ location, names }) => `${location} (${names.length} ${names.length === 1 ? 'name' : 'names'})`)
    .join(', ');
  return `${table}\n${images.length} ${images.length === 1 ? 'image' : 'images'} in ${formatTime(time)}, written to ${written}\n`;
}
