import { Checker, type Finding } from '../../check/index.ts';
import type { PageFinding } from '../../page/index.ts';
import { checkView, openPolicy } from '../check-view.ts';
import type { OpenedView, ViewContext } from '../open-view.ts';
import { shown } from './shown.ts';

/** What `pith check` has to say of an image, as the page shows it: by the policy of the current folder. */
export async function pageFindings(opened: OpenedView, context: ViewContext): Promise<PageFinding[]> {
  const now = Date.now() / 1000;
  const checker = new Checker(openPolicy(), now);
  const { findings } = await checkView(checker, opened, context, now);
  const rules = new Map(checker.report().rules.map((rule) => [rule.id, rule]));
  return findings.map((finding) => {
    const { rule, severity, message, path } = finding;
    const known = rules.get(rule);
    const place = placeOf(finding);
    return {
      rule,
      severity,
      message,
      ...(path === undefined ? {} : { path }),
      ...(place === '' ? {} : { place }),
      ...(known && { title: known.title, remedy: known.mend }),
    };
  });
}

function placeOf({ field, line, layer }: Finding): string {
  return [
    ...(field === undefined ? [] : [shown(field)]),
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(layer === undefined ? [] : [`layer ${layer + 1}`]),
  ].join(', ');
}
