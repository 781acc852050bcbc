import type { ComponentChildren } from 'preact';
import type { PageImage } from '../../../src/page/data.ts';
import { countOf, formatCount, formatCountChange, formatSize, formatSizeChange } from '../format.ts';
import { sharedDiffIds, useShown } from '../report.ts';
import { CHANGE, DIRECTORY, type Tree } from '../tree.ts';
import { changedSettings } from './settings.tsx';

/** What a difference comes to. */
export function DifferenceSummary({ before }: { readonly before: PageImage }) {
  const { report, tree } = useShown();
  const { image, packages } = report;
  const inPackages = (kind: string): number => packages.filter(({ change }) => change === kind).length;
  const removed = inPackages('removed');
  const added = inPackages('added');
  const shared = sharedDiffIds(report);
  const sharedBytes = image.layers
    .filter(({ diffId }) => shared.has(diffId))
    .reduce((sum, { size }) => sum + size, 0);
  const settings = changedSettings(before.settings, image.settings).map(({ name }) => name);
  return (
    <section aria-labelledby="summary" class="summary">
      <h2 id="summary">Summary</h2>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col" class="number">
              Before
            </th>
            <th scope="col" class="number">
              After
            </th>
            <th scope="col" class="number">
              Change
            </th>
            <th scope="col" class="extra">
              What
            </th>
          </tr>
        </thead>
        <tbody>
          <Sizes title="Size" before={before.size} after={image.size}>
            {shared.size > 0 && `${countOf(shared.size, 'layer')} of ${formatSize(sharedBytes)} shared`}
          </Sizes>
          <Sizes title="Unpacked" before={before.unpackedSize} after={image.unpackedSize} />
          <Counts title={<a href="#files&change=any">Files</a>} before={before.files} after={image.files}>
            {tree && <FileChanges tree={tree} />}
          </Counts>
          <Counts
            title={<a href="#packages">Packages</a>}
            before={packages.length - added}
            after={packages.length - removed}
          >
            {sentence([
              [added, 'added'],
              [removed, 'removed'],
              [inPackages('upgraded'), 'upgraded'],
              [inPackages('downgraded'), 'downgraded'],
              [inPackages('changed'), 'changed'],
            ])}
          </Counts>
          <Counts
            title={<a href="#layers">Layers</a>}
            before={before.layers.length}
            after={image.layers.length}
          >
            {countOf(shared.size, 'shared', 'shared')}
          </Counts>
          <tr>
            <th scope="row">
              <a href="#config">Configuration</a>
              <span class="small-note muted">{settings.join(', ')}</span>
            </th>
            <td colSpan={3} class="number muted">
              {settings.length === 0 ? 'the same' : countOf(settings.length, 'change')}
            </td>
            <td class="extra">{settings.join(', ')}</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

interface LineProps {
  readonly title: ComponentChildren;
  readonly before: number;
  readonly after: number;
  readonly children?: ComponentChildren;
}

function Sizes({ title, before, after, children }: LineProps) {
  return (
    <Line title={title} values={[formatSize(before), formatSize(after), formatSizeChange(after - before)]}>
      {children}
    </Line>
  );
}

function Counts({ title, before, after, children }: LineProps) {
  return (
    <Line title={title} values={[formatCount(before), formatCount(after), formatCountChange(after - before)]}>
      {children}
    </Line>
  );
}

function Line({
  title,
  values,
  children,
}: {
  readonly title: ComponentChildren;
  readonly values: readonly string[];
  readonly children?: ComponentChildren;
}) {
  return (
    <tr>
      <th scope="row">
        {title}
        <span class="small-note muted">{children}</span>
      </th>
      {values.map((value, at) => (
        <td key={at} class="number">
          {value}
        </td>
      ))}
      <td class="extra">{children}</td>
    </tr>
  );
}

function FileChanges({ tree }: { readonly tree: Tree }) {
  const counts = [0, 0, 0, 0, 0];
  for (let entry = 0; entry < tree.count; entry++)
    if (tree.types[entry] !== DIRECTORY) {
      const change = tree.difference?.changes[entry] ?? CHANGE.same;
      counts[change] = (counts[change] ?? 0) + 1;
    }
  return (
    <>
      {sentence([
        [counts[CHANGE.added] ?? 0, 'added'],
        [counts[CHANGE.removed] ?? 0, 'removed'],
        [counts[CHANGE.content] ?? 0, 'with other content'],
        [counts[CHANGE.metadata] ?? 0, 'with another mode or owner'],
      ])}
    </>
  );
}

function sentence(counts: readonly (readonly [number, string])[]): string {
  const parts = counts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  return parts.length === 0 ? 'the same' : parts.join(', ');
}
