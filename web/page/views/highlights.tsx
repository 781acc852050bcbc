import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { countOf, formatCount, formatSize } from '../format.ts';
import { Bar } from '../parts/facts.tsx';
import { packageHref, useShown } from '../report.ts';
import { formatRoute } from '../route.ts';
import { listRows } from '../rows.ts';
import { runInSlices } from '../slices.ts';
import { pathOf } from '../tree.ts';
import { groupByRule, severityTitle } from './findings.tsx';

const SHOWN = 8;

/** The largest and the worst. */
export function Highlights() {
  const { report } = useShown();
  return (
    <div class="cards">
      <FindingsCard />
      <PackagesCard />
      <FilesCard />
      {!report.before && <LayersCard />}
    </div>
  );
}

function Card({
  title,
  href,
  more,
  children,
}: {
  readonly title: string;
  readonly href: string;
  readonly more: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {children}
      <a href={href}>{more}</a>
    </section>
  );
}

function FindingsCard() {
  const { findings } = useShown().report;
  if (!findings) return null;
  const rules = groupByRule(findings);
  return (
    <Card title="Findings" href="#findings" more={`All findings (${findings.length})`}>
      {rules.length === 0 ? (
        <p class="good">✓ Nothing was found.</p>
      ) : (
        <ul class="plain">
          {rules.slice(0, SHOWN).map(([rule, [first, ...more]]) => (
            <li key={rule}>
              <span class={`severity ${first?.severity ?? ''}`}>
                {severityTitle(first?.severity ?? 'note')}
              </span>{' '}
              <a href={formatRoute('findings', { rule })}>{first?.title ?? first?.message}</a>
              {more.length > 0 && <span class="muted"> {formatCount(more.length + 1)}</span>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function PackagesCard() {
  const { packages, before } = useShown().report;
  const shown = before ? packages.filter(({ change }) => change !== undefined) : packages;
  const largest = [...shown].sort((a, b) => b.size - a.size).slice(0, SHOWN);
  return (
    <Card
      title={before ? 'Largest packages that changed' : 'Largest packages'}
      href="#packages"
      more={`All packages (${packages.length})`}
    >
      <Ranking
        rows={largest.map((found) => [packageHref(found), `${found.name} ${found.version}`, found.size])}
        empty={before ? 'No package changed.' : 'No package was found.'}
      />
    </Card>
  );
}

function FilesCard() {
  const { report, tree } = useShown();
  const [rows, setRows] = useState<readonly (readonly [string, string, number])[]>();
  useLayoutEffect(() => {
    if (!tree) return;
    const marks = tree.difference?.changes.map((change) => (change === 0 ? 0 : 1));
    return runInSlices(listRows(tree, { keys: tree.sizes, descending: true }, marks), (found) => {
      setRows(
        [...found.subarray(0, SHOWN)].map((entry) => {
          const path = pathOf(tree, entry);
          return [formatRoute('files', { path }), path, tree.sizes[entry] ?? 0];
        }),
      );
    });
  }, [tree]);
  const hash = report.before ? '#files&change=any&as=list&sort=-size' : '#files&as=list&sort=-size';
  return (
    <Card
      title={report.before ? 'Largest files that changed' : 'Largest files'}
      href={hash}
      more={`All files (${countOf(report.image.files, 'file')})`}
    >
      {rows ? <Ranking rows={rows} empty="No file." /> : <p class="empty">Unpacking the list of files…</p>}
    </Card>
  );
}

function LayersCard() {
  const { image } = useShown().report;
  const largest = image.layers
    .map((layer, at) => ({ layer, at }))
    .sort((a, b) => b.layer.unpackedSize - a.layer.unpackedSize)
    .slice(0, SHOWN);
  return (
    <Card title="Largest layers" href="#layers" more={`All layers (${image.layers.length})`}>
      <Ranking
        rows={largest.map(({ layer, at }) => [
          formatRoute('layers', { layer: at + 1 }),
          `${at + 1} ${layer.createdBy ?? layer.digest}`,
          layer.unpackedSize,
        ])}
        empty="The image has no layer."
      />
    </Card>
  );
}

function Ranking({
  rows,
  empty,
}: {
  readonly rows: readonly (readonly [href: string, label: string, size: number])[];
  readonly empty: string;
}) {
  const largest = rows[0]?.[2] ?? 0;
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <ol class="plain bars">
      {rows.map(([href, label, size]) => (
        <li key={href}>
          <a href={href} title={label}>
            {label}
          </a>
          <Bar part={size} whole={largest} />
          <span class="number">{formatSize(size)}</span>
        </li>
      ))}
    </ol>
  );
}
