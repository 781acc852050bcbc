import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { type Filter, findMatches, isOpen, type Matches } from '../filter.ts';
import { countOf, formatCount } from '../format.ts';
import { Choice, Tabs } from '../parts/choice.tsx';
import { Grid } from '../parts/grid.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { layerTitle, packageKey, useShown } from '../report.ts';
import { formatRoute, type Route } from '../route.ts';
import { go } from '../use-route.ts';
import { listRows, treeRows } from '../rows.ts';
import { runInSlices } from '../slices.ts';
import { findPath, foldersAbove, pathOf, type Tree } from '../tree.ts';
import { FileDetail } from './file-detail.tsx';
import { fileColumns, fileRow, keysFor, readSorting, writeSorting } from './file-rows.tsx';

const KINDS = [
  ['', 'any'],
  ['setuid', 'setuid or setgid'],
  ['world-writable', 'writable by all'],
  ['links', 'links'],
  ['unowned', 'in no package'],
] as const;

/** The tree, or a list of the files, with what is known of the chosen one. */
export function FilesView({ route }: { readonly route: Route }) {
  const { tree, fault } = useShown();
  if (!tree) return <p class="empty">{fault ?? 'Unpacking the list of files…'}</p>;
  return <Files route={route} tree={tree} />;
}

function Files({ route, tree }: { readonly route: Route; readonly tree: Tree }) {
  const { report } = useShown();
  const { values } = route;
  const isList = values['as'] === 'list';
  const sorting = readSorting(values['sort']);
  const filter = useFilter(values);
  const matches = useMatches(tree, filter);
  const [expanded, setExpanded] = useState<ReadonlySet<number>>(() => new Set(topFolders(tree)));
  const chosen = useMemo(
    () => (values['path'] === undefined ? undefined : findPath(tree, values['path'])),
    [values['path'], tree],
  );
  // What a link or the map leads to has to be in sight.
  useEffect(() => {
    if (chosen === undefined) return;
    setExpanded((before) => {
      const closed = foldersAbove(tree, chosen).filter((folder) => !before.has(folder));
      return closed.length === 0 ? before : new Set([...before, ...closed]);
    });
  }, [chosen]);
  const rows = useRows(tree, isList, values['sort'], expanded, matches);
  const change = (more: Readonly<Record<string, string | undefined>>): void => {
    go(formatRoute('files', { ...values, ...more }), true);
  };
  const columns = useMemo(() => fileColumns(tree, isList), [tree, isList]);
  const expand = (index: number, wanted: boolean): void => {
    const entry = rows[index] ?? 0;
    const isFolder = tree.types[entry] === 0;
    // Searching shows everything that matches; there is nothing to close or open then.
    if (matches && !isList) return;
    if (isFolder && expanded.has(entry) !== wanted) {
      const next = new Set(expanded);
      if (wanted) next.add(entry);
      else next.delete(entry);
      setExpanded(next);
    } else if (wanted) {
      const below = rows[index + 1] ?? 0;
      if (isFolder && tree.parents[below] === entry) change({ path: pathOf(tree, below) });
    } else {
      const parent = tree.parents[entry] ?? 0;
      if (parent > 0) change({ path: pathOf(tree, parent) });
    }
  };
  const at = chosen === undefined ? -1 : rows.indexOf(chosen);
  return (
    <div class={`browser${chosen === undefined ? '' : ' with-detail'}`}>
      <div class="toolbar">
        <SearchField
          label="Search names, or paths with /"
          value={values['q'] ?? ''}
          onChange={(q) => {
            change({ q });
          }}
        />
        <Tabs
          label="Show as"
          value={isList ? 'list' : 'tree'}
          options={[
            ['tree', 'Tree'],
            ['list', 'List'],
          ]}
          onChange={(as) => {
            change({ as: as === 'list' ? as : undefined, sort: as === 'list' ? '-size' : undefined });
          }}
        />
        {report.before && (
          <Choice
            label="Change"
            value={values['change'] ?? ''}
            options={[
              ['', 'all files'],
              ['any', 'any change'],
              ['added', '+ added'],
              ['removed', '− removed'],
              ['changed', '~ changed'],
            ]}
            onChange={(kind) => {
              change({ change: kind });
            }}
          />
        )}
        <Choice
          label="Kind"
          value={values['kind'] ?? ''}
          options={KINDS}
          onChange={(kind) => {
            change({ kind });
          }}
        />
        <Choice
          label="Layer"
          value={values['in-layer'] ?? ''}
          options={[
            ['', 'any'],
            ...report.image.layers.map(
              (_layer, layer) => [`${layer + 1}`, shorten(layerTitle(layer, report.image.layers))] as const,
            ),
          ]}
          onChange={(layer) => {
            change({ 'in-layer': layer });
          }}
        />
        {values['of'] !== undefined && (
          <button
            type="button"
            class="chip"
            onClick={() => {
              change({ of: undefined });
            }}
          >
            package {values['of']} <span aria-hidden="true">×</span>
            <span class="unseen">, show all packages</span>
          </button>
        )}
        <span role="status" class="muted">
          {matches
            ? `${formatCount(matches.count)} of ${countOf(tree.count - 1, 'entry', 'entries')}`
            : countOf(tree.count - 1, 'entry', 'entries')}
        </span>
        {values['path'] !== undefined && chosen === undefined && (
          <span role="alert">{values['path']} is not in the image.</span>
        )}
      </div>
      <div class="with-side">
        <Grid
          label="Files"
          isTree={!isList}
          columns={columns}
          count={rows.length}
          row={(index) =>
            fileRow(report, tree, rows[index] ?? 0, isList, (entry) => (matches ? true : expanded.has(entry)))
          }
          sorting={sorting}
          onSort={(next) => {
            change({ sort: writeSorting(next) });
          }}
          chosen={at}
          onChoose={(index) => {
            change({ path: pathOf(tree, rows[index] ?? 0) });
          }}
          onOpen={(index) => {
            expand(index, !expanded.has(rows[index] ?? 0));
          }}
          onExpand={isList ? undefined : expand}
          empty={matches ? 'Nothing matches.' : 'The image holds no file.'}
        />
        {chosen !== undefined && (
          <FileDetail
            tree={tree}
            entry={chosen}
            onClose={() => {
              change({ path: undefined });
            }}
          />
        )}
      </div>
    </div>
  );
}

function useFilter(values: Readonly<Record<string, string>>): Filter {
  const { packages } = useShown().report;
  const { q = '', kind = '', change = '', of = '' } = values;
  const layer = values['in-layer'] ?? '';
  return useMemo(() => {
    const isKind = (name: string): name is NonNullable<Filter['kind']> =>
      KINDS.some(([known]) => known === name && name !== '');
    const isChange = (name: string): name is NonNullable<Filter['change']> =>
      ['any', 'added', 'removed', 'changed'].includes(name);
    return {
      text: q,
      ...(isKind(kind) && { kind }),
      ...(isChange(change) && { change }),
      ...(layer !== '' && { layer: Number(layer) - 1 }),
      ...(of !== '' && { package: packages.findIndex((found) => packageKey(found) === of) }),
    };
  }, [q, kind, change, layer, of, packages]);
}

/** Undefined if everything is shown; while it is looked for, what was found before. */
function useMatches(tree: Tree, filter: Filter): Matches | undefined {
  const [matches, setMatches] = useState<Matches>();
  useLayoutEffect(() => {
    if (!isOpen(filter)) return runInSlices(findMatches(tree, filter), setMatches);
    setMatches(undefined);
    return undefined;
  }, [tree, filter]);
  return matches;
}

function useRows(
  tree: Tree,
  isList: boolean,
  sort: string | undefined,
  expanded: ReadonlySet<number>,
  matches: Matches | undefined,
): Int32Array {
  const [rows, setRows] = useState<Int32Array>(() => new Int32Array(0));
  useLayoutEffect(() => {
    const { by, descending } = readSorting(sort);
    const order = { keys: keysFor(tree, by, isList), descending };
    const marks = matches?.marks;
    return runInSlices(
      isList
        ? listRows(tree, order, marks)
        : treeRows(tree, order, (folder) => matches !== undefined || expanded.has(folder), marks),
      setRows,
    );
  }, [tree, isList, sort, isList ? undefined : expanded, matches]);
  return rows;
}

/** A lone folder at the top is open from the start. */
function topFolders(tree: Tree): number[] {
  return tree.ends[1] === tree.count ? [0, 1] : [0];
}

function shorten(title: string): string {
  return title.length > 60 ? `${title.slice(0, 60)}…` : title;
}
