import type { Budget } from './budget.ts';
import { isPattern, matches, textOf, type Token } from './glob.ts';
import type { ScriptTree } from './script-tree.ts';

const MAX_PATHS = 1000;
const MAX_PARTS = 64;

/**
 * The paths that a pattern stands for (POSIX.1-2017, XCU 2.13.3), in order.
 * @param folder where a relative pattern starts; undefined if that is not known
 * @returns undefined where it is not known what lies there
 */
export function globPaths(
  tokens: readonly Token[],
  folder: string | undefined,
  tree: ScriptTree,
  budget: Budget,
): string[] | undefined {
  const parts = splitParts(tokens);
  const isAbsolute = parts[0]?.length === 0;
  if ((!isAbsolute && folder === undefined) || parts.length > MAX_PARTS) return undefined;
  let found = [''];
  for (const part of isAbsolute ? parts.slice(1) : parts) {
    const next: string[] = [];
    budget.spend(found.length / 16);
    for (const base of found) {
      const above = isAbsolute ? `${base}/` : `${folder ?? ''}/${base}`;
      const join = (name: string): string =>
        isAbsolute ? `${base}/${name}` : base === '' ? name : `${base}/${name}`;
      if (tree.isDoubtful(above.replace(/(?<=.)\/$/, ''))) return undefined;
      if (!isPattern(part)) next.push(join(textOf(part)));
      else next.push(...namesIn(above, part, tree, budget).map(join));
      if (next.length > MAX_PATHS) return undefined;
    }
    found = next;
  }
  return found.filter((path) => tree.linkOrFile(path.startsWith('/') ? path : `${folder ?? ''}/${path}`));
}

function namesIn(folder: string, part: readonly Token[], tree: ScriptTree, budget: Budget): string[] {
  const names = tree.list(folder);
  budget.spend(names.length / 64);
  const [first] = part;
  const showsHidden = first?.kind === 'one' && first.char === '.';
  return names.filter((name) => (showsHidden || !name.startsWith('.')) && matches(part, name, budget));
}

function splitParts(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'one' && token.char === '/') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
