import { byText } from '../../core/index.ts';
import { SEVERITIES } from '../../policy/index.ts';
import type { CheckReport, Finding, SilencedFinding } from '../model.ts';

/** A finding with the platforms whose images have it. */
export interface MergedFinding<One extends Finding = Finding> {
  readonly finding: One;
  /** In the order of the report; none for a remark on the policy. */
  readonly platforms: readonly string[];
}

/** Findings of all images, each once, in the order of severities and rules; then what is to be said of the policy. */
export function mergeFindings({ images, policy }: CheckReport): MergedFinding[] {
  const found = merge(
    images.flatMap(({ platform, findings }) => findings.map((finding) => ({ platform, finding }))),
  );
  const all = [...found, ...policy.map((finding) => ({ finding, platforms: [] }))];
  return SEVERITIES.flatMap((severity) => all.filter(({ finding }) => finding.severity === severity));
}

/** Findings that do not count, each once. */
export function mergeSilenced({ images }: CheckReport): MergedFinding<SilencedFinding>[] {
  return merge(
    images.flatMap(({ platform, silenced }) => silenced.map((finding) => ({ platform, finding }))),
  );
}

/** Findings beyond those that are listed, by rule: those of the image that has the most. */
export function mergeMore({ images }: CheckReport): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { more } of images)
    for (const [rule, count] of Object.entries(more)) most.set(rule, Math.max(count, most.get(rule) ?? 0));
  return new Map([...most].sort(([a], [b]) => byText(a, b)));
}

function merge<One extends Finding>(
  all: readonly { readonly platform: string; readonly finding: One }[],
): MergedFinding<One>[] {
  const merged = new Map<string, { finding: One; platforms: string[] }>();
  for (const { platform, finding } of all) {
    const { rule, path, field, line, message } = finding;
    const key = JSON.stringify([rule, path, field, line, message]);
    const known = merged.get(key);
    if (known) known.platforms.push(platform);
    else merged.set(key, { finding, platforms: [platform] });
  }
  return [...merged.values()];
}
