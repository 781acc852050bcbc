import type {
  ChangePlace,
  PackageChange,
  UpdatedImage,
  UpdatedSource,
  UpdateReport,
} from '../build/index.ts';
import { printable } from '../core/index.ts';
import { type Column, formatSize } from './format.ts';

export interface UpdatePrint {
  /** Path of the lockfile. */
  readonly lockfile: string;
  /** Whether the entries of the changelogs are printed, too. */
  readonly changelog: boolean;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** One row a change, with where it applies; why packages come is a column only if some do. */
export function changeTable({ changes, images }: UpdateReport): Table {
  const hasReasons = changes.some(({ because }) => because !== undefined);
  return {
    columns: [
      { title: 'CHANGE' },
      { title: 'PACKAGE' },
      { title: 'LOCKED' },
      { title: 'ARCHIVE' },
      { title: 'DOWNLOAD', right: true },
      { title: 'DIFFERENCE', right: true },
      { title: 'SUITE' },
      { title: 'IMAGES' },
      ...(hasReasons ? [{ title: 'WHY' }] : []),
    ],
    rows: changes.map((change) => [
      change.kind,
      printable(change.package),
      printable(change.from?.version ?? '-'),
      printable(change.to?.version ?? '-'),
      range(
        change.places.flatMap(({ after }) => after ?? []),
        formatSize,
      ),
      range(change.places.flatMap(differenceOf), formatDifference),
      printable((change.to ?? change.from)?.suite ?? '-'),
      printable(describePlaces(change.places, images)),
      ...(hasReasons ? [printable(change.because ?? '')] : []),
    ]),
  };
}

/** One row an image that changes; sizes are those of all its platforms together. */
export function imageTable({ images, changes }: UpdateReport): Table {
  const countOf = (name: string, kind: PackageChange['kind']): string =>
    String(
      changes.filter((change) => change.kind === kind && change.places.some(({ image }) => image === name))
        .length,
    );
  return {
    columns: [
      { title: 'IMAGE' },
      { title: 'PLATFORMS', right: true },
      { title: 'UP', right: true },
      { title: 'DOWN', right: true },
      { title: 'IN', right: true },
      { title: 'OUT', right: true },
      { title: 'DOWNLOAD', right: true },
      { title: 'DIFFERENCE', right: true },
    ],
    rows: images
      .filter(({ isChanged }) => isChanged)
      .map(({ name, platforms }) => {
        const before = platforms.reduce((sum, platform) => sum + platform.before.bytes, 0);
        const after = platforms.reduce((sum, platform) => sum + platform.after.bytes, 0);
        return [
          printable(name),
          String(platforms.length),
          ...(['up', 'down', 'in', 'out'] as const).map((kind) => countOf(name, kind)),
          formatSize(after),
          formatDifference(after - before),
        ];
      }),
  };
}

/** What is to be known about the sizes: those of some packages are not. */
export function sizeNote({ images }: UpdateReport): string {
  const isUnsized = images.some(
    ({ isChanged, platforms }) => isChanged && platforms.some(({ after }) => after.unsized > 0),
  );
  return isUnsized ? 'packages of npm are not counted: their registry does not say how large they are' : '';
}

/** One line for each image that is built on another one than before: what it is built on. */
export function baseLines({ images }: UpdateReport): readonly { name: string; change: string }[] {
  return images.flatMap(({ name, base }) => {
    if (!base) return [];
    const { location, from = '-', to } = base;
    return [{ name: printable(name), change: printable(`built on ${location}, ${from} → ${to}`) }];
  });
}

/** `2 up, 1 in (3 of 8 images); 1 from the security archive; fixes 4 CVEs`. */
export function summaryOf({ changes, cves, images }: UpdateReport): string {
  const changed = images.filter(({ isChanged }) => isChanged);
  const bases = images.filter(({ base }) => base).length;
  if (changes.length === 0 && bases === 0)
    return `no package changes, but what is asked for: ${changed.map(({ name }) => printable(name)).join(', ')}`;
  const kinds = (['up', 'down', 'in', 'out', 'replaced'] as const).flatMap((kind) => {
    const number = changes.filter((change) => change.kind === kind).length;
    return number > 0 ? [`${number} ${kind}`] : [];
  });
  if (bases > 0) kinds.push(count(bases, 'base image', 'base images'));
  const security = changes.filter(({ isSecurity }) => isSecurity).length;
  return [
    `${kinds.join(', ')} (${changed.length} of ${count(images.length, 'image', 'images')})`,
    ...(security > 0 ? [`${security} from the security archive`] : []),
    ...(cves.length > 0 ? [`fixes ${count(cves.length, 'CVE', 'CVEs')}`] : []),
  ].join('; ');
}

/** What the changelog of a source says, in one line without its name. */
export function sourceSummary({ entries, cves, missing }: UpdatedSource): string {
  if (missing !== undefined) return `no changelog: ${printable(missing)}`;
  return cves.length > 0 ? `fixes ${cves.join(', ')}` : count(entries.length, 'entry', 'entries');
}

/** A change of a size: always with its sign. */
export function formatDifference(bytes: number): string {
  return `${bytes > 0 ? '+' : bytes < 0 ? '-' : ''}${formatSize(Math.abs(bytes))}`;
}

function differenceOf({ before, after }: ChangePlace): number[] {
  return before === undefined && after === undefined ? [] : [(after ?? 0) - (before ?? 0)];
}

/** The smallest and the largest value, as one if they look the same. */
function range(values: readonly number[], format: (value: number) => string): string {
  if (values.length === 0) return '-';
  const [least, most] = [format(Math.min(...values)), format(Math.max(...values))];
  return least === most ? least : `${least} … ${most}`;
}

/** `all images`; `one, two`; `one (linux/amd64, linux/arm64); two`: platforms where they are not all of the image. */
function describePlaces(places: readonly ChangePlace[], images: readonly UpdatedImage[]): string {
  const groups = new Map<string, string[]>();
  for (const { name, platforms } of images) {
    const here = places.filter(({ image }) => image === name).map(({ platform }) => platform);
    if (here.length === 0) continue;
    const label = here.length >= platforms.length ? '' : ` (${here.join(', ')})`;
    groups.set(label, [...(groups.get(label) ?? []), name]);
  }
  if (images.length > 1 && groups.get('')?.length === images.length) return 'all images';
  return [...groups].map(([label, names]) => names.join(', ') + label).join('; ');
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
