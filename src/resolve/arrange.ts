import { byText } from '../core/index.ts';
import type { Package } from '../distro/index.ts';
import type { Problem } from './problem.ts';

/** Puts packages in an order: each after those that it needs, unless they need each other; otherwise by name. */
export function arrange(packages: readonly Package[], problem: Pick<Problem, 'needsOf'>): Package[] {
  const among = new Set(packages);
  const below = (found: Package): Iterator<Package> =>
    problem
      .needsOf(found)
      .flatMap(({ metBy }) => metBy.filter((one) => among.has(one)))
      .sort(byName)
      .values();
  const seen = new Set<Package>();
  const ordered: Package[] = [];
  // Depth first, without recursion: a chain may be longer than the stack is deep.
  const path: { readonly found: Package; readonly below: Iterator<Package> }[] = [];
  const enter = (found: Package): void => {
    if (seen.has(found)) return;
    seen.add(found);
    path.push({ found, below: below(found) });
  };
  for (const start of [...packages].sort(byName)) {
    enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { done, value } = top.below.next() as IteratorResult<Package, undefined>;
      if (!done) enter(value);
      else {
        ordered.push(top.found);
        path.pop();
      }
    }
  }
  return ordered;
}

function byName(a: Package, b: Package): number {
  return byText(a.name, b.name);
}
