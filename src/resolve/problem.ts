import type { Dependency, Package, Relation } from '../distro/index.ts';
import type { Candidates } from './candidates.ts';
import type { Outcome, SearchStatistics } from './clause.ts';
import type { OmissionRule, Omissions } from './omissions.ts';
import type { PackageRequest } from './package-request.ts';
import {
  type ConflictField,
  type DependencyField,
  formatDependency,
  isMetBy,
  type PackageRelations,
} from './relations.ts';
import { Search } from './search.ts';

/** Why a clause is there; explanations are made of these. */
export type Origin =
  | { readonly kind: 'request'; readonly request: PackageRequest; readonly choices: readonly Package[] }
  | {
      readonly kind: 'dependency';
      readonly owner: Package;
      readonly alternatives: Dependency;
      readonly choices: readonly Package[];
    }
  | {
      readonly kind: 'conflict';
      readonly owner: Package;
      readonly field: ConflictField;
      readonly relation: Relation;
      readonly target: Package;
    }
  | { readonly kind: 'versions'; readonly packages: readonly [Package, Package] }
  | { readonly kind: 'installed'; readonly package: Package };

/** A dependency of a package, with what meets it. */
export interface Need {
  readonly field: DependencyField;
  /** The dependency as text. */
  readonly relation: string;
  /** All packages that meet it, the preferred one first. */
  readonly metBy: readonly Package[];
  /** The rule by which it may be left open, and the name that the rule applies to. */
  readonly omission?: { readonly name: string; readonly rule: OmissionRule };
}

interface ConflictOf {
  readonly owner: Package;
  readonly field: ConflictField;
  readonly relation: Relation;
}

/** What alternatives come to when rules are applied. */
interface Choice {
  /** To choose from, the preferred one first. */
  readonly choices: readonly Package[];
  /** Others that meet it if they are in. */
  readonly others: readonly Package[];
  readonly omission?: { readonly name: string; readonly rule: OmissionRule };
}

/** The question which packages to take, put as clauses over one variable a package. */
export class Problem {
  readonly #candidates: Candidates;
  readonly #omissions: Omissions;
  readonly #architecture: string;
  readonly #search = new Search<Origin>();
  readonly #variables = new Map<Package, number>();
  readonly #packages: (Package | undefined)[] = [undefined];
  readonly #versions = new Map<string, Package[]>();
  readonly #needs = new Map<Package, readonly Need[]>();
  /** Packages that were true once, by their name and what they provide. */
  readonly #byName = new Map<string, Package[]>();
  readonly #conflictsOn = new Map<string, ConflictOf[]>();

  constructor(candidates: Candidates, omissions: Omissions, architecture: string) {
    this.#candidates = candidates;
    this.#omissions = omissions;
    this.#architecture = architecture;
  }

  addInstalled(found: Package): void {
    const origin: Origin = { kind: 'installed', package: found };
    this.#search.addClause({ literals: [this.#variable(found)], origin });
  }

  /** @param choices what answers the request, the preferred one first */
  addRequest(request: PackageRequest, choices: readonly Package[]): void {
    const variables = choices.map((found) => this.#variable(found));
    this.#search.addClause({
      literals: variables,
      origin: { kind: 'request', request, choices },
      demand: { owner: 0, choices: variables, rank: rankOf(choices) },
    });
  }

  solve(maxConflicts: number): Outcome<Origin> {
    return this.#search.run(maxConflicts, (variable) => {
      const found = this.#packages[variable];
      if (found) this.#expand(found, variable);
    });
  }

  isChosen(found: Package): boolean {
    const variable = this.#variables.get(found);
    return variable !== undefined && this.#search.isTrue(variable);
  }

  /** The dependencies of a chosen package. */
  needsOf(found: Package): readonly Need[] {
    return this.#needs.get(found) ?? [];
  }

  statistics(): SearchStatistics {
    return this.#search.statistics();
  }

  #variable(found: Package): number {
    const known = this.#variables.get(found);
    if (known !== undefined) return known;
    const variable = this.#search.addVariable();
    this.#variables.set(found, variable);
    this.#packages[variable] = found;
    const others = this.#versions.get(found.name) ?? [];
    for (const other of others)
      this.#search.addClause({
        literals: [-variable, -this.#variable(other)],
        origin: { kind: 'versions', packages: [found, other] },
      });
    this.#versions.set(found.name, [...others, found]);
    return variable;
  }

  /** Adds what follows from a package being in. */
  #expand(found: Package, variable: number): void {
    const relations = this.#candidates.relationsOf(found);
    if (!this.#candidates.isInstalled(found)) this.#addDependencies(found, variable, relations);
    this.#addConflicts(found, relations);
  }

  #addDependencies(owner: Package, variable: number, { dependencies }: PackageRelations): void {
    const needs: Need[] = [];
    for (const { field, alternatives } of dependencies) {
      const { choices, others, omission } = this.#choose(alternatives, owner);
      const metBy = [...new Set([...choices, ...others])];
      if (metBy.includes(owner)) continue;
      const relation = formatDependency(alternatives);
      needs.push({ field, relation, metBy, ...(omission ? { omission } : {}) });
      // Where the preferred alternative is one that is left out, there is nothing to choose.
      if (omission && choices.length === 0) continue;
      const preferred = choices.map((found) => this.#variable(found));
      if (omission) preferred.push(this.#search.addVariable());
      const literals = new Set([...preferred, ...others.map((found) => this.#variable(found))]);
      this.#search.addClause({
        literals: [-variable, ...literals],
        origin: { kind: 'dependency', owner, alternatives, choices },
        demand: { owner: variable, choices: preferred, rank: rankOf(choices) },
      });
    }
    this.#needs.set(owner, needs);
  }

  /** Goes through alternatives up to the first that is left out by a rule; what comes after it is not chosen for its sake. */
  #choose(alternatives: Dependency, owner: Package): Choice {
    const choices: Package[] = [];
    const others: Package[] = [];
    let omission: Choice['omission'];
    for (const relation of alternatives) {
      const usable = this.#candidates
        .satisfying(relation)
        .filter((found) => this.#candidates.isUsable(found));
      const rule = this.#omissions.ruleFor(relation.name, owner.name);
      const isForced = this.#omissions.keeps(relation.name);
      const kept = usable.filter(
        (found) =>
          isForced ||
          this.#candidates.isInstalled(found) ||
          this.#omissions.ruleFor(found.name, owner.name) === undefined,
      );
      const [left] = usable.filter((found) => !kept.includes(found));
      if (rule) omission ??= { name: relation.name, rule };
      else if (kept.length === 0 && left) omission ??= this.#omissionOf(left, owner);
      (omission ? others : choices).push(...kept);
    }
    const byPin = (a: Package, b: Package): number =>
      Number(this.#candidates.isPinned(a)) - Number(this.#candidates.isPinned(b));
    return { choices: choices.sort(byPin), others, ...(omission ? { omission } : {}) };
  }

  #omissionOf({ name }: Package, owner: Package): Choice['omission'] {
    const rule = this.#omissions.ruleFor(name, owner.name);
    return rule ? { name, rule } : undefined;
  }

  /** Adds the conflicts between the package and those that were looked at before, in both directions. */
  #addConflicts(found: Package, { conflicts, provides }: PackageRelations): void {
    for (const { field, relation } of conflicts) {
      const conflict = { owner: found, field, relation };
      append(this.#conflictsOn, relation.name, conflict);
      for (const other of this.#byName.get(relation.name) ?? []) this.#addConflict(conflict, other);
    }
    for (const name of new Set([found.name, ...provides.map((one) => one.name)])) {
      append(this.#byName, name, found);
      for (const conflict of this.#conflictsOn.get(name) ?? []) this.#addConflict(conflict, found);
    }
  }

  #addConflict({ owner, field, relation }: ConflictOf, target: Package): void {
    const provides = this.#candidates.providesOf(target);
    if (owner.name === target.name || !isMetBy(relation, target, provides, this.#architecture)) return;
    // What is installed already is not for this search to judge.
    if (this.#candidates.isInstalled(owner) && this.#candidates.isInstalled(target)) return;
    this.#search.addClause({
      literals: [-this.#variable(owner), -this.#variable(target)],
      origin: { kind: 'conflict', owner, field, relation, target },
    });
  }
}

/** Demands that leave nothing to choose but the version are met before the others. */
function rankOf(choices: readonly Package[]): 0 | 1 {
  return choices.every(({ name }) => name === choices[0]?.name) ? 0 : 1;
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
