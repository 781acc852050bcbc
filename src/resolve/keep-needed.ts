import { byText } from '../core/index.ts';
import type { Package } from '../distro/index.ts';
import type { Candidates } from './candidates.ts';
import type { PackageRequest } from './package-request.ts';
import type { Need, Problem } from './problem.ts';
import type { Because, Omission } from './resolution.ts';

export interface Needed {
  /** The packages that are needed, each with the reason that was found first, nearest to the requests first. */
  readonly reasons: ReadonlyMap<Package, Because>;
  readonly omissions: readonly Omission[];
}

interface OwnedNeed {
  readonly owner: Package;
  readonly need: Need;
}

/**
 * Walks from the requests over dependencies through what was chosen. It leaves away what a search that went back has chosen
 * for the sake of something that did not stay.
 */
export function keepNeeded(
  answers: readonly { readonly request: PackageRequest; readonly choices: readonly Package[] }[],
  problem: Problem,
  candidates: Candidates,
): Needed {
  const reasons = new Map<Package, Because>();
  const waiting: Package[] = [];
  const deferred: OwnedNeed[] = [];
  const isIn = (found: Package): boolean => reasons.has(found) || candidates.isInstalled(found);
  const add = (found: Package, because: Because): void => {
    if (isIn(found)) return;
    reasons.set(found, because);
    waiting.push(found);
  };
  const meet = (owner: Package, need: Need): void => {
    const chosen = need.metBy.filter((found) => problem.isChosen(found));
    const [only] = chosen;
    if (need.omission || chosen.length > 1) deferred.push({ owner, need });
    else if (only) add(only, becauseOf(owner, need));
  };
  for (const { request, choices } of answers) {
    const found = choices.find((one) => problem.isChosen(one));
    if (found) add(found, { kind: 'request', request });
  }
  // What leaves something to choose waits until everything else is in.
  let [next, later] = [0, 0];
  for (;;) {
    const owner = waiting[next];
    if (owner) {
      next++;
      for (const need of problem.needsOf(owner)) meet(owner, need);
      continue;
    }
    const open = deferred[later];
    if (!open) break;
    later++;
    if (open.need.metBy.some(isIn)) continue;
    const found = open.need.metBy.find((one) => problem.isChosen(one));
    if (found) add(found, becauseOf(open.owner, open.need));
  }
  return { reasons, omissions: omissionsOf(deferred, isIn) };
}

function becauseOf(owner: Package, { field, relation }: Need): Because {
  return { kind: 'dependency', by: owner.name, field, relation };
}

function omissionsOf(needs: readonly OwnedNeed[], isIn: (found: Package) => boolean): Omission[] {
  return needs
    .filter(({ need }) => !need.metBy.some(isIn))
    .flatMap(({ owner, need: { field, relation, omission } }) =>
      omission ? { name: omission.name, by: owner.name, field, relation, rule: omission.rule } : [],
    )
    .sort((a, b) => byText(a.name, b.name) || byText(a.by, b.by));
}
