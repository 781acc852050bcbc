import type { PageSetting } from '../../../src/page/data.ts';
import { useShown } from '../report.ts';

interface ChangedSetting {
  readonly name: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly kept: readonly string[];
}

/** Members of the configuration whose lines, or the order of them, differ. */
export function changedSettings(
  before: readonly PageSetting[],
  after: readonly PageSetting[],
): ChangedSetting[] {
  return comparedSettings(before, after).filter(({ removed, added }) => removed.length + added.length > 0);
}

/** What a container is started with, and who says what about the image. */
export function SettingsView() {
  const { image, before } = useShown().report;
  const settings = comparedSettings((before ?? image).settings, image.settings);
  if (settings.length === 0) return <p class="empty">The configuration says nothing.</p>;
  return (
    <dl class="settings">
      {settings.map(({ name, removed, added, kept }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Lines lines={kept} />
            <Lines lines={removed} sign="−" word="removed" />
            <Lines lines={added} sign="+" word="added" />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Lines({
  lines,
  sign,
  word,
}: {
  readonly lines: readonly string[];
  readonly sign?: string;
  readonly word?: string;
}) {
  return (
    <>
      {lines.map((line, at) => (
        <div key={at} class={word ?? ''}>
          {sign !== undefined && (
            <>
              <span aria-hidden="true">{sign} </span>
              <span class="unseen">{word}: </span>
            </>
          )}
          <code>{line}</code>
        </div>
      ))}
    </>
  );
}

function comparedSettings(before: readonly PageSetting[], after: readonly PageSetting[]): ChangedSetting[] {
  const names = new Set([...after, ...before].map(({ name }) => name));
  const linesOf = (settings: readonly PageSetting[], name: string): readonly string[] =>
    settings.find((setting) => setting.name === name)?.values ?? [];
  return [...names].map((name) => {
    const old = linesOf(before, name);
    const now = linesOf(after, name);
    const kept = now.filter((line) => old.includes(line));
    const added = now.filter((line) => !old.includes(line));
    const removed = old.filter((line) => !now.includes(line));
    const isReordered = added.length + removed.length === 0 && old.join('\n') !== now.join('\n');
    return isReordered ? { name, removed: old, added: now, kept: [] } : { name, removed, added, kept };
  });
}
