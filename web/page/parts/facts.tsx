import type { ComponentChildren } from 'preact';

export type FactRow = readonly [title: string, value: ComponentChildren];

/** Titles with their values; what has none is left out. */
export function Facts({
  rows,
  name = 'facts',
}: {
  readonly rows: readonly FactRow[];
  readonly name?: string;
}) {
  return (
    <dl class={name}>
      {rows
        .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '')
        .map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A bar as long as a share of the whole; the number stands beside it. */
export function Bar({ part, whole }: { readonly part: number; readonly whole: number }) {
  return (
    <span class="share" aria-hidden="true">
      <span style={{ width: `${whole > 0 ? Math.min(100, (100 * part) / whole) : 0}%` }} />
    </span>
  );
}
