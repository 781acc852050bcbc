import type { CompareReport } from '../../inspect/index.ts';
import { formatSize, formatTable } from '../format.ts';
import { shown } from './shown.ts';

type Compared = CompareReport['images'][number];

/** What stands in each row, by its title. */
const ROWS: readonly (readonly [string, (image: Compared) => string])[] = [
  ['platform', ({ platform }) => platform],
  ['created', ({ created }) => shown(created ?? '', 20)],
  ['size', ({ size }) => formatSize(size)],
  ['unpacked', ({ unpackedSize }) => formatSize(unpackedSize)],
  ['wasted', ({ wastedBytes }) => formatSize(wastedBytes)],
  ['layers', ({ layers }) => String(layers)],
  ['of the first', ({ sharedLayers, sharedSize }) => `${sharedLayers} (${formatSize(sharedSize)})`],
  ['files', ({ files }) => String(files)],
  ['packages', ({ packages, packagesByType }) => packagesOf(packages, packagesByType)],
  ['system', ({ system: { name, id = 'none' } }) => shown(name ?? id, 40)],
  [
    'libc',
    ({ system: { libc } }) => (libc ? `${libc.name} ${shown(libc.version ?? '', 30)}`.trim() : 'none'),
  ],
  ['programs for', ({ system: { platforms } }) => platforms.join(', ') || 'none'],
  ['user', ({ user }) => (user === '' ? 'root (none is said)' : shown(user, 40))],
  ['shell', ({ shells }) => shells.join(', ') || 'none'],
  ['package manager', ({ packageManagers }) => packageManagers.join(', ') || 'none'],
  ['setuid files', ({ setuid }) => String(setuid)],
  [
    'authorities',
    ({ certificates, expiredCertificates: expired }) =>
      `${certificates}${expired > 0 ? ` (${expired} expired)` : ''}`,
  ],
  [
    'time zones',
    ({ system: { timeZones: zones } }) => (zones ? shown(zones.version ?? `${zones.files} files`) : 'none'),
  ],
  ['secrets', ({ secrets }) => String(secrets)],
];

/** The table of images side by side: titles first, then a row for each thing that is compared. */
export function compareRows({ images }: CompareReport): string[][] {
  return [
    ['', ...images.map(({ name }) => shown(name, 60))],
    ...ROWS.map(([title, valueOf]) => [title, ...images.map(valueOf)]),
  ];
}

/** Images side by side as text. */
export function compareText(report: CompareReport): string {
  const [titles = [], ...rows] = compareRows(report);
  return formatTable(
    titles.map((title) => ({ title })),
    rows,
  );
}

function packagesOf(count: number, byType: Readonly<Record<string, number>>): string {
  const types = Object.entries(byType).map(([type, some]) => `${some} ${type}`);
  return types.length > 1 ? `${count} (${types.join(', ')})` : (types[0] ?? '0');
}
