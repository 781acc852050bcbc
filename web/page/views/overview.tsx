import { useLayoutEffect, useState } from 'preact/hooks';
import { Tabs } from '../parts/choice.tsx';
import { useShown } from '../report.ts';
import { formatRoute, type Route } from '../route.ts';
import { go } from '../use-route.ts';
import { runInSlices } from '../slices.ts';
import type { MapSource } from '../treemap/source.ts';
import { mapSource, type MapKind } from '../treemap/sources.ts';
import { Treemap } from '../treemap/treemap.tsx';
import { DifferenceSummary } from './difference-summary.tsx';
import { Highlights } from './highlights.tsx';

const KINDS: readonly (readonly [MapKind, string])[] = [
  ['folder', 'Folder'],
  ['package', 'Package'],
  ['layer', 'Layer'],
];

/** What is worth knowing first. */
export function Overview({ route }: { readonly route: Route }) {
  const { report } = useShown();
  return (
    <>
      {report.before && <DifferenceSummary before={report.before} />}
      <SizeMap route={route} />
      <Highlights />
    </>
  );
}

function SizeMap({ route }: { readonly route: Route }) {
  const { report, fault } = useShown();
  const kind = KINDS.find(([name]) => name === route.values['by'])?.[0] ?? 'folder';
  const changesOnly = report.before !== undefined && route.values['of'] !== 'all';
  const source = useSource(kind, changesOnly);
  const show = (by: string, of: string | undefined): void => {
    go(formatRoute('overview', { by, of }), true);
  };
  return (
    <section aria-labelledby="sizes">
      <div class="title-line">
        <h2 id="sizes">{changesOnly ? 'What changed, by size' : 'Where the bytes are'}</h2>
        <Tabs
          label="Divide by"
          value={kind}
          options={KINDS}
          onChange={(by) => {
            show(by, route.values['of']);
          }}
        />
        {report.before && (
          <Tabs
            label="Show"
            value={changesOnly ? 'changes' : 'all'}
            options={[
              ['changes', 'Changes'],
              ['all', 'Everything'],
            ]}
            onChange={(of) => {
              show(kind, of);
            }}
          />
        )}
      </div>
      {report.before && (
        <p class="legend muted">+ added, − removed, ~ other content, ≈ other mode or owner</p>
      )}
      {source !== undefined && source.root.value > 0 && <Treemap source={source} />}
      {source?.root.value === 0 && (
        <p class="empty">{changesOnly ? 'No file differs in content.' : 'No file has a size.'}</p>
      )}
      {!source && <p class="empty map-space">{fault ?? 'Unpacking the list of files…'}</p>}
    </section>
  );
}

/** Undefined until it is made. */
function useSource(kind: MapKind, changesOnly: boolean): MapSource | undefined {
  const { report, tree } = useShown();
  const [source, setSource] = useState<MapSource>();
  useLayoutEffect(
    () => (tree ? runInSlices(mapSource(report, tree, kind, changesOnly), setSource) : undefined),
    [report, tree, kind, changesOnly],
  );
  return source;
}
