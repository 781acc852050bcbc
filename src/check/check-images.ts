import type { ImageView } from '../inspect/index.ts';
import { formatPlatform, platformOfConfig } from '../oci/index.ts';
import { parseDay, type Policy, SEVERITIES, type Severity, type Silence } from '../policy/index.ts';
import {
  type CheckedImage,
  type CheckReport,
  type Finding,
  type Fault,
  MAX_FINDINGS,
  type Rule,
  type SilencedFinding,
} from './model.ts';
import { ownRule } from './policy/own-rules.ts';
import { nameMatcher, pathMatcher } from './policy/patterns.ts';
import { RULES } from './rules.ts';
import { showText } from './show.ts';
import { type CheckContext, Subject } from './subject.ts';

/** An image that is to be checked. */
export interface CheckInput {
  readonly view: ImageView;
  readonly context: CheckContext;
}

/** What a silence of the policy does, over all images. */
interface ActiveSilence extends Silence {
  readonly isRule: (id: string) => boolean;
  readonly isPath: ((path: string) => boolean) | undefined;
  readonly hasEnded: boolean;
  matched: number;
}

/** Label of an image that silences a rule in it: its value is the reason. */
export const ALLOW_LABEL = 'pith.check.allow.';

/** Looks at images one after the other, so that only one has to be held in memory. */
export class Checker {
  readonly #rules: readonly Rule[];
  readonly #silences: readonly ActiveSilence[];
  readonly #usesLabels: boolean;
  readonly #images: CheckedImage[] = [];
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0, note: 0 };
  #silenced = 0;

  /** @param now seconds since 1970 */
  constructor(policy: Policy, now: number) {
    this.#rules = chooseRules(policy);
    this.#usesLabels = policy.labels ?? true;
    this.#silences = (policy.silence ?? []).map((silence) => {
      const paths = typeof silence.path === 'string' ? [silence.path] : silence.path;
      const end = silence.until === undefined ? undefined : parseDay(silence.until);
      return {
        ...silence,
        isRule: nameMatcher([silence.rule]),
        isPath: paths && pathMatcher(paths),
        hasEnded: end !== undefined && now >= end,
        matched: 0,
      };
    });
  }

  /** Looks at one image. */
  check({ view, context }: CheckInput): CheckedImage {
    const subject = new Subject(view, context);
    const labels = this.#usesLabels ? allowedBy(subject) : new Map<string, string>();
    const findings: Finding[] = [];
    const silenced: SilencedFinding[] = [];
    const more: Record<string, number> = {};
    for (const rule of this.#rules) {
      let [told, hushed] = [0, 0];
      for (const fault of rule.find(subject)) {
        const finding = findingOf(rule, fault);
        const silence = this.#silence(finding) ?? silenceOf(labels, finding);
        if (silence) {
          this.#silenced++;
          if (++hushed <= MAX_FINDINGS) silenced.push({ ...finding, ...silence });
          continue;
        }
        this.#counts[finding.severity]++;
        if (++told <= MAX_FINDINGS) findings.push(finding);
      }
      if (told > MAX_FINDINGS) more[rule.id] = told - MAX_FINDINGS;
    }
    const checked: CheckedImage = {
      platform: formatPlatform(platformOfConfig(view.image.config)),
      digest: view.image.descriptor.digest,
      findings: bySeverity(findings),
      silenced,
      more,
    };
    this.#images.push(checked);
    return checked;
  }

  /** What was found in all images, and what the policy has to mend. */
  report(): CheckReport {
    const policy = this.#silences.flatMap(remarkOf);
    const counts = { ...this.#counts };
    for (const { severity } of policy) counts[severity]++;
    return {
      rules: this.#rules.map(({ id, severity, title, why, mend }) => ({ id, severity, title, why, mend })),
      images: this.#images,
      policy: bySeverity(policy),
      counts,
      silenced: this.#silenced,
    };
  }

  /** The silence of the policy that a finding falls under; one that has ended only notes it. */
  #silence({ rule, path }: Finding): Omit<SilencedFinding, keyof Finding> | undefined {
    for (const silence of this.#silences) {
      if (!silence.isRule(rule) || (silence.isPath && (path === undefined || !silence.isPath(path))))
        continue;
      silence.matched++;
      if (silence.hasEnded) continue;
      const { reason, until } = silence;
      return { reason, by: 'policy', ...(until === undefined ? {} : { until }) };
    }
    return undefined;
  }
}

/** The rules that a policy wants, with its own and its severities. */
function chooseRules({ only = ['*'], except = [], severity = {}, rules = [] }: Policy): Rule[] {
  const [isWanted, isUnwanted] = [nameMatcher(only), nameMatcher(except)];
  return [...RULES, ...rules.map(ownRule)]
    .filter(({ id }) => isWanted(id) && !isUnwanted(id))
    .map((rule) => ({
      ...rule,
      severity: Object.hasOwn(severity, rule.id) ? (severity[rule.id] ?? rule.severity) : rule.severity,
    }));
}

/** The reasons that the image itself gives, by rule. */
function allowedBy({ run }: Subject): Map<string, string> {
  const labels = Object.entries(run.Labels ?? {}).filter(
    ([name, reason]) => name.startsWith(ALLOW_LABEL) && reason.trim() !== '',
  );
  return new Map(labels.map(([name, reason]) => [name.slice(ALLOW_LABEL.length), showText(reason)]));
}

function silenceOf(
  labels: ReadonlyMap<string, string>,
  { rule }: Finding,
): Omit<SilencedFinding, keyof Finding> | undefined {
  const reason = labels.get(rule);
  return reason === undefined ? undefined : { reason, by: 'image' };
}

function findingOf({ id, severity }: Rule, { message, path, line, layer, field }: Fault): Finding {
  return {
    rule: id,
    severity,
    message,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
    ...(layer === undefined ? {} : { layer }),
    ...(field === undefined ? {} : { field }),
  };
}

function remarkOf({ rule, path, until, hasEnded, matched }: ActiveSilence): Finding[] {
  const what = `the silence of ${rule}${path === undefined ? '' : ` in ${[path].flat().join(', ')}`}`;
  if (matched === 0)
    return [{ rule: 'unused-silence', severity: 'note', message: `${what} silences nothing: leave it out` }];
  if (!hasEnded) return [];
  return [
    {
      rule: 'ended-silence',
      severity: 'warning',
      message: `${what} has ended on ${until ?? ''}: mend what it was for, or decide anew`,
    },
  ];
}

/** Worse ones first; the order is kept otherwise. */
function bySeverity(findings: readonly Finding[]): Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}
