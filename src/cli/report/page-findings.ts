import { Checker, RULES } from '../../check/index.ts';
import type { PageFinding } from '../../page/index.ts';
import { checkView, openPolicy } from '../check-view.ts';
import type { OpenedView, ViewContext } from '../open-view.ts';

/** What `pith check` has to say of an image, as the page shows it: by the policy of the current folder. */
export async function pageFindings(opened: OpenedView, context: ViewContext): Promise<PageFinding[]> {
  const now = Date.now() / 1000;
  const policy = openPolicy();
  const { findings } = await checkView(new Checker(policy, now), opened, context, now);
  const remedies = new Map(RULES.map(({ id, mend }) => [id, mend]));
  return findings.map(({ rule, severity, message, path }) => {
    const remedy = remedies.get(rule);
    return {
      rule,
      severity,
      message,
      ...(path === undefined ? {} : { path }),
      ...(remedy === undefined ? {} : { remedy }),
    };
  });
}
