import { useMemo } from 'preact/hooks';
import type { PageFinding } from '../../../src/page/data.ts';
import { countOf, formatCount } from '../format.ts';
import { SearchField } from '../parts/search-field.tsx';
import { useShown } from '../report.ts';
import { formatRoute, type Route } from '../route.ts';
import { go } from '../use-route.ts';

/** The worst first. */
const SEVERITIES = ['error', 'warning', 'note'] as const;
/** Places of one rule that are listed. */
const SHOWN = 100;

/** A severity with its sign, so that it does not hang on the colour. */
export function severityTitle(severity: PageFinding['severity']): string {
  return { error: '✕ error', warning: '! warning', note: 'i note' }[severity];
}

/** What `pith check` says, rule by rule. */
export function FindingsView({ route }: { readonly route: Route }) {
  const { findings } = useShown().report;
  const text = (route.values['q'] ?? '').toLowerCase();
  const wanted = route.values['rule'];
  const groups = useMemo(
    () => groupByRule(findings ?? []).filter(([rule, found]) => matches(rule, found, text)),
    [findings, text],
  );
  if (!findings) return <p class="empty">The image was not checked. `pith check` does it.</p>;
  if (findings.length === 0) return <p class="good">✓ Nothing was found: the image keeps every rule.</p>;
  return (
    <>
      <div class="toolbar">
        <SearchField
          label="Filter findings"
          value={route.values['q'] ?? ''}
          onChange={(q) => {
            go(formatRoute('findings', { q }), true);
          }}
        />
        <span role="status" class="muted">
          {countOf(
            groups.reduce((sum, [, found]) => sum + found.length, 0),
            'finding',
          )}{' '}
          of {countOf(groups.length, 'rule')}
        </span>
      </div>
      {groups.length === 0 && <p class="empty">No finding has this text.</p>}
      {groups.map(([rule, found]) => (
        <Rule key={rule} rule={rule} findings={found} isWanted={rule === wanted} />
      ))}
    </>
  );
}

function Rule({
  rule,
  findings,
  isWanted,
}: {
  readonly rule: string;
  readonly findings: readonly PageFinding[];
  readonly isWanted: boolean;
}) {
  const [first] = findings;
  if (!first) return null;
  const remedies = new Set(findings.map(({ remedy }) => remedy));
  return (
    <section class={`rule${isWanted ? ' chosen' : ''}`}>
      <h2>
        <span class={`severity ${first.severity}`}>{severityTitle(first.severity)}</span> {first.title}{' '}
        <a href={formatRoute('findings', { rule })}>
          <code>{rule}</code>
        </a>
        {findings.length > 1 && <span class="muted"> {formatCount(findings.length)}</span>}
      </h2>
      {remedies.size === 1 && first.remedy !== undefined && <p class="muted">{first.remedy}</p>}
      <ul>
        {findings.slice(0, SHOWN).map(({ message, path, place, remedy }, at) => (
          <li key={at}>
            {message}
            {path !== undefined && (
              <>
                {' '}
                <a class="path" href={formatRoute('files', { path: `/${path}` })}>
                  /{path}
                </a>
              </>
            )}
            {place !== undefined && <span class="muted"> {place}</span>}
            {remedies.size > 1 && remedy !== undefined && <p class="muted">{remedy}</p>}
          </li>
        ))}
      </ul>
      {findings.length > SHOWN && (
        <p class="muted">… and {countOf(findings.length - SHOWN, 'more', 'more')}.</p>
      )}
    </section>
  );
}

/** Findings of each rule, the worst first. */
export function groupByRule(findings: readonly PageFinding[]): [string, PageFinding[]][] {
  const groups = new Map<string, PageFinding[]>();
  for (const severity of SEVERITIES)
    for (const finding of findings)
      if (finding.severity === severity) {
        const group = groups.get(finding.rule);
        if (group) group.push(finding);
        else groups.set(finding.rule, [finding]);
      }
  return [...groups];
}

function matches(rule: string, findings: readonly PageFinding[], text: string): boolean {
  return (
    text === '' ||
    findings.some(({ title = '', message, path = '', place = '' }) =>
      `${rule} ${title} ${message} ${path} ${place}`.toLowerCase().includes(text),
    )
  );
}
