import { useMemo } from 'preact/hooks';
import type { PagePackage } from '../../../src/page/data.ts';
import { countOf, formatCount, formatSize, formatSizeChange } from '../format.ts';
import { Choice } from '../parts/choice.tsx';
import { Facts } from '../parts/facts.tsx';
import { Grid, type GridColumn, type GridRow, type Sorting } from '../parts/grid.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { Side } from '../parts/side.tsx';
import { layerTitle, packageKey, useShown } from '../report.ts';
import { formatRoute, type Route } from '../route.ts';
import { go } from '../use-route.ts';
import { readSorting, writeSorting } from './file-rows.tsx';

const SIGNS = { added: '+', removed: '−', upgraded: '↑', downgraded: '↓', changed: '~' } as const;
const TONES = {
  added: 'added',
  removed: 'removed',
  upgraded: 'content',
  downgraded: 'content',
  changed: 'content',
} as const;

/** Packages with their licences. */
export function PackagesView({ route }: { readonly route: Route }) {
  const { report } = useShown();
  const { values } = route;
  const { packages } = report;
  const isDifference = report.before !== undefined;
  const types = useMemo(() => [...new Set(packages.map(({ type }) => type))].sort(), [packages]);
  const rows = useMemo(
    () =>
      sortPackages(
        packages.filter((found) => isWanted(found, values)),
        readSorting(values['sort']),
      ),
    [packages, values['q'], values['type'], values['change'], values['sort']],
  );
  const change = (more: Readonly<Record<string, string | undefined>>): void => {
    go(formatRoute('packages', { ...values, ...more }), true);
  };
  const chosen = packages.find((found) => packageKey(found) === values['package']);
  const columns = useMemo(() => packageColumns(isDifference), [isDifference]);
  return (
    <div class={`browser${chosen ? ' with-detail' : ''}`}>
      <div class="toolbar">
        <SearchField
          label="Filter by name, version or licence"
          value={values['q'] ?? ''}
          onChange={(q) => {
            change({ q });
          }}
        />
        {types.length > 1 && (
          <Choice
            label="Type"
            value={values['type'] ?? ''}
            options={[['', 'any'], ...types.map((type) => [type, type] as const)]}
            onChange={(type) => {
              change({ type });
            }}
          />
        )}
        {isDifference && (
          <Choice
            label="Change"
            value={values['change'] ?? ''}
            options={[
              ['', 'all packages'],
              ['any', 'any change'],
              ...Object.entries(SIGNS).map(([kind, sign]) => [kind, `${sign} ${kind}`] as const),
            ]}
            onChange={(kind) => {
              change({ change: kind });
            }}
          />
        )}
        <span role="status" class="muted">
          {rows.length === packages.length
            ? countOf(rows.length, 'package')
            : `${formatCount(rows.length)} of ${countOf(packages.length, 'package')}`}
        </span>
        {values['package'] !== undefined && !chosen && (
          <span role="alert">{values['package']} is not in the image.</span>
        )}
      </div>
      <div class="with-side">
        <Grid
          label="Packages"
          columns={columns}
          count={rows.length}
          row={(index) => packageRow(rows[index], isDifference)}
          sorting={readSorting(values['sort'])}
          onSort={(sorting) => {
            change({ sort: writeSorting(sorting) });
          }}
          chosen={chosen ? rows.indexOf(chosen) : -1}
          onChoose={(index) => {
            const found = rows[index];
            change({ package: found && packageKey(found) });
          }}
          empty={packages.length === 0 ? 'No package was found in the image.' : 'No package matches.'}
        />
        {chosen && (
          <PackageDetail
            found={chosen}
            onClose={() => {
              change({ package: undefined });
            }}
          />
        )}
      </div>
    </div>
  );
}

function packageColumns(isDifference: boolean): GridColumn[] {
  const columns: (GridColumn | undefined)[] = [
    { id: 'name', title: 'Name', width: 'minmax(9rem, 2fr)' },
    isDifference
      ? { id: 'version', title: 'Version', width: 'minmax(7rem, 1.6fr)' }
      : { id: 'version', title: 'Version', width: 'minmax(7rem, 1.6fr)', room: 'extra' },
    { id: 'type', title: 'Type', width: '4rem', room: 'detail' },
    { id: 'licences', title: 'Licences', width: 'minmax(8rem, 2fr)', room: 'extra' },
    { id: 'size', title: 'Size', width: '5.5rem', isNumber: true },
    isDifference
      ? { id: 'change', title: 'Change', width: '6rem', isNumber: true, room: 'extra' }
      : undefined,
    { id: 'files', title: 'Files', width: '4.5rem', isNumber: true, room: 'detail' },
    { id: 'layer', title: 'Layer', width: '4rem', isNumber: true, room: 'extra' },
  ];
  return columns.filter((column) => column !== undefined);
}

function packageRow(found: PagePackage | undefined, isDifference: boolean): GridRow {
  if (!found) return { key: '', cells: [] };
  const { change, versionBefore } = found;
  return {
    key: packageKey(found),
    tone: change && TONES[change],
    cells: [
      <span title={found.summary}>
        {change && (
          <>
            <span class="sign" aria-hidden="true">
              {SIGNS[change]}{' '}
            </span>
            <span class="unseen">{change}: </span>
          </>
        )}
        {found.name}
      </span>,
      <span title={found.version}>
        {versionBefore !== undefined && versionBefore !== found.version && (
          <span class="muted">{versionBefore} → </span>
        )}
        {found.version}
      </span>,
      found.type,
      <span title={found.licences.join(', ')}>
        {found.licences.join(', ') || <span class="muted">not said</span>}
      </span>,
      formatSize(found.size),
      ...(isDifference ? [changeOf(found) === 0 ? '' : formatSizeChange(changeOf(found))] : []),
      formatCount(found.files),
      found.layer < 0 ? '' : `${found.layer + 1}`,
    ],
  };
}

function changeOf({ change, size, sizeBefore = size }: PagePackage): number {
  if (change === 'added') return size;
  return change === 'removed' ? -size : size - sizeBefore;
}

function isWanted(found: PagePackage, values: Readonly<Record<string, string>>): boolean {
  const { q = '', type = '', change = '' } = values;
  const text = [found.name, found.version, ...found.licences].join(' ').toLowerCase();
  return (
    text.includes(q.toLowerCase()) &&
    (type === '' || type === found.type) &&
    (change === '' || (change === 'any' ? found.change !== undefined : change === found.change))
  );
}

function sortPackages(packages: readonly PagePackage[], { by, descending }: Sorting): PagePackage[] {
  const keys: Readonly<Record<string, (found: PagePackage) => string | number>> = {
    version: ({ version }) => version,
    type: ({ type }) => type,
    licences: ({ licences }) => licences.join(', '),
    size: ({ size }) => size,
    change: (found) => Math.abs(changeOf(found)),
    files: ({ files }) => files,
    layer: ({ layer }) => layer,
  };
  const keyOf = keys[by] ?? (({ name }): string => name);
  const sign = descending ? -1 : 1;
  return [...packages].sort((a, b) => {
    const [first, second] = [keyOf(a), keyOf(b)];
    return first === second ? compare(a.name, b.name) : sign * compare(first, second);
  });
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function PackageDetail({ found, onClose }: { readonly found: PagePackage; readonly onClose: () => void }) {
  const { report } = useShown();
  const layers = found.change === 'removed' ? (report.before?.layers ?? []) : report.image.layers;
  return (
    <Side title={found.name} onClose={onClose}>
      {found.summary !== undefined && <p>{found.summary}</p>}
      <Facts
        rows={[
          ['Version', found.version],
          ['Before', found.versionBefore],
          ['Change', found.change],
          ['Licences', found.licences.join(', ') || 'not said'],
          ['Size', formatSize(found.size)],
          ['Size before', found.sizeBefore !== undefined && formatSize(found.sizeBefore)],
          [
            'Files',
            <a href={formatRoute('files', { of: packageKey(found), as: 'list', sort: '-size' })}>
              {countOf(found.files, 'file')}
            </a>,
          ],
          [
            'Layer',
            found.layer >= 0 &&
              (found.change === 'removed' ? (
                layerTitle(found.layer, layers)
              ) : (
                <a href={formatRoute('layers', { layer: found.layer + 1 })}>
                  {layerTitle(found.layer, layers)}
                </a>
              )),
          ],
          [
            'Why it is in',
            found.reasons &&
              found.reasons.length > 0 &&
              found.reasons.map((reason) => <div key={reason}>{reason}</div>),
          ],
          ['Package URL', found.purl !== undefined && <code>{found.purl}</code>],
        ]}
      />
    </Side>
  );
}
