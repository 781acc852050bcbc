import {
  Checker,
  type CheckReport,
  formatGithub,
  formatJunit,
  formatRule,
  formatSarif,
  formatText,
  RULES,
} from '../../check/index.ts';
import { nearest, PithError } from '../../core/index.ts';
import { SEVERITIES } from '../../policy/index.ts';
import { checkView, openPolicy } from '../check-view.ts';
import type { CheckFlags } from '../flags.ts';
import { formatTable } from '../format.ts';
import { withLocations } from '../locations.ts';
import { openImages, viewImage } from '../open-view.ts';
import { replaceFile } from '../replace-file.ts';
import { styleFor } from '../severity-style.ts';
import { VERSION } from '../version.ts';

/** Places of each rule that the text lists unless told. */
const MOST_PLACES = 10;

/** `pith check`: looks for faults in an image, or tells of the rules. */
export async function check(name: string | undefined, flags: CheckFlags): Promise<void> {
  if (flags.rules) {
    process.stdout.write(listRules(flags));
    return;
  }
  if (flags.explain !== undefined) {
    process.stdout.write(explain(flags.explain, flags));
    return;
  }
  if (name === undefined)
    throw new PithError('USAGE', 'no image is named', { hint: 'Write `pith check IMAGE`.' });
  const report = await checkImage(name, flags);
  const text = formatReport(report, name, flags);
  if (flags.output === undefined) process.stdout.write(text);
  else await replaceFile(flags.output, text);
  if (!hasPassed(report, flags))
    throw new PithError('CHECK_FAILED', `${name}: ${summaryOf(report)}`, {
      hint: '`pith check --explain RULE` says what to do; docs/checks.md how to silence what is meant to be so.',
    });
}

async function checkImage(name: string, flags: CheckFlags): Promise<CheckReport> {
  const policy = openPolicy(flags.policy);
  const now = Date.now() / 1000;
  const checker = new Checker(policy, now);
  await withLocations(flags, async (context) => {
    const images = (await openImages(name, flags.platform, context)).filter(
      ({ image }) => image.config.os === 'linux',
    );
    if (images.length === 0)
      throw new PithError('UNKNOWN_PLATFORM', `${name} has no image for Linux`, {
        hint: 'The rules are about Linux: other images cannot be checked.',
      });
    for (const opened of images) {
      const view = await viewImage(opened.image, context);
      await checkView(checker, { ...opened, view }, context, now);
    }
  });
  return checker.report();
}

function formatReport(report: CheckReport, name: string, flags: CheckFlags): string {
  const format = flags.json ? 'json' : flags.format;
  switch (format) {
    case 'json':
      return `${JSON.stringify({ name, passed: hasPassed(report, flags), ...report }, null, 2)}\n`;
    case 'sarif':
      return formatSarif(report, { name, version: VERSION });
    case 'junit':
      return formatJunit(report, { name });
    case 'github':
      return formatGithub(report, { name });
    default: {
      const style = flags.output === undefined ? styleFor(process.stdout, process.env) : undefined;
      return formatText(report, {
        name,
        ...(style ? { style } : {}),
        ...(flags.all ? {} : { most: MOST_PLACES }),
      });
    }
  }
}

function hasPassed({ counts }: CheckReport, { failOn }: CheckFlags): boolean {
  if (failOn === 'never') return true;
  return SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1).every((severity) => counts[severity] === 0);
}

function summaryOf({ counts }: CheckReport): string {
  return SEVERITIES.filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}${counts[severity] === 1 ? '' : 's'}`)
    .join(', ');
}

function listRules({ json }: CheckFlags): string {
  const rules = RULES.map(({ id, severity, title, why, mend }) => ({ id, severity, title, why, mend }));
  if (json) return `${JSON.stringify(rules, null, 2)}\n`;
  return formatTable(
    [{ title: 'RULE' }, { title: 'SEVERITY' }, { title: 'WHAT IT FINDS' }],
    rules.map(({ id, severity, title }) => [id, severity, title]),
  );
}

function explain(id: string, { json }: CheckFlags): string {
  const rule = RULES.find((one) => one.id === id);
  if (!rule) {
    const near = nearest(
      id,
      RULES.map((one) => one.id),
    );
    throw new PithError('USAGE', `there is no rule ${JSON.stringify(id)}`, {
      hint: near === undefined ? '`pith check --rules` lists the rules.' : `Did you mean ${near}?`,
    });
  }
  const { severity, title, why, mend } = rule;
  return json ? `${JSON.stringify({ id, severity, title, why, mend }, null, 2)}\n` : formatRule(rule);
}
