import { PithError } from '../../core/index.ts';
import type { StoreEntry } from '../../store/index.ts';
import { formatSize, formatTable } from '../format.ts';
import type { CommonOptions, PruneFlags } from '../flags.ts';
import { workspaceOf } from '../workspace.ts';

/** `pith cache ls`: how much of what the cache holds. */
export function cacheLs(options: CommonOptions): void {
  const store = workspaceOf(options).store;
  const entries = store.list();
  if (options.json) {
    print({
      folder: store.root,
      entries: entries.map(({ kind, name, size, usedAt }) => ({
        kind,
        name,
        size,
        usedAt: new Date(usedAt).toISOString(),
      })),
    });
    return;
  }
  const groups = new Map<string, StoreEntry[]>();
  for (const entry of entries) {
    const group = entry.kind === 'record' ? `records: ${entry.name.split('/')[0] ?? ''}` : `${entry.kind}s`;
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => [group, String(members.length), formatSize(total(members))]);
  process.stdout.write(
    formatTable(
      [{ title: 'KIND' }, { title: 'ENTRIES', right: true }, { title: 'SIZE', right: true }],
      [...rows, ['all', String(entries.length), formatSize(total(entries))]],
    ),
  );
  process.stdout.write(`\n${store.root}\n`);
}

/** `pith cache prune`: removes what was not used for some time. */
export async function cachePrune(options: PruneFlags): Promise<void> {
  const now = Date.now();
  const before = options.all ? Infinity : now - parseAge(options.olderThan);
  const removed = await workspaceOf(options).store.prune(before, now);
  if (options.json) print({ removed: removed.length, bytes: total(removed) });
  else process.stdout.write(`removed ${removed.length} entries, ${formatSize(total(removed))}\n`);
}

/** `pith cache verify`: reads everything again; damaged entries are removed and make the exit code 8. */
export async function cacheVerify(options: CommonOptions): Promise<void> {
  const store = workspaceOf(options).store;
  let count = 0;
  const damaged = await store.verify(() => count++);
  if (options.json) print({ entries: count, damaged: damaged.map(({ kind, name }) => ({ kind, name })) });
  else
    process.stdout.write(
      `${count} entries read, ${damaged.length} damaged${damaged.length > 0 ? ' and removed' : ''}\n`,
    );
  if (damaged.length > 0) {
    throw new PithError(
      'CHECK_FAILED',
      `${damaged.length} entries of the cache were damaged and have been removed`,
      {
        hint: 'They are made again when they are needed. Damage that comes back points to the disk.',
        path: store.root,
      },
    );
  }
}

const UNITS: Readonly<Record<string, number>> = { m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3 };

function parseAge(text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const milliseconds = UNITS[unit];
  if (count === undefined || milliseconds === undefined) {
    throw new PithError('USAGE', `${JSON.stringify(text)} is no time`, {
      hint: 'Write a number and m, h, d or w: 12h, 30d.',
    });
  }
  return Number(count) * milliseconds;
}

function total(entries: readonly StoreEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.size, 0);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
