import { PithError } from '../core/index.ts';
import type { Dependency, Package, Relation } from '../distro/index.ts';
import type { Candidates } from './candidates.ts';
import { formatPackageRequest } from './package-request.ts';
import type { Origin } from './problem.ts';
import { formatDependency, formatRelation } from './relations.ts';

type OriginOf<K extends Origin['kind']> = Extract<Origin, { kind: K }>;
type DemandOrigin = OriginOf<'request' | 'dependency'>;

const FIRST_SENTENCES = 4;
const LAST_SENTENCES = 8;

interface Sentence {
  /** The definition, or a package; its version is said where the sentences about its versions differ. */
  readonly subject: string;
  readonly version?: string;
  readonly rest: string;
}

/**
 * The error for reasons that cannot hold together, in words: from requests along dependencies to what is missing, then what
 * conflicts with what, and of what there can be only one version.
 *
 * @param core as few reasons as can be
 */
export function explainFailure(core: readonly Origin[], candidates: Candidates, platform: string): PithError {
  const reasons = shortened(inWords(new Explanation(core, candidates).sentences())).join('; ');
  return new PithError('DEPENDENCY_UNSATISFIABLE', `dependencies cannot be met on ${platform}: ${reasons}`, {
    hint: hintFor(core, candidates),
  });
}

class Explanation {
  readonly #core: readonly Origin[];
  readonly #candidates: Candidates;
  /** Requests and dependencies, those nearest to a request first. */
  readonly #demands: readonly DemandOrigin[];
  /** Demands that a sentence has told already. */
  readonly #told = new Set<DemandOrigin>();

  constructor(core: readonly Origin[], candidates: Candidates) {
    this.#core = core;
    this.#candidates = candidates;
    this.#demands = fromRequests(core.filter(isDemand));
  }

  sentences(): Sentence[] {
    const conflicts = ofKind(this.#core, 'conflict').map((origin) => this.#conflict(origin));
    const names = ofKind(this.#core, 'versions').map(({ packages: [{ name }] }) => name);
    const versions = [...new Set(names)].flatMap((name) => this.#oneVersion(name));
    const demands = this.#demands.filter((demand) => !this.#told.has(demand));
    return [...demands.flatMap((demand) => this.#demand(demand)), ...conflicts, ...versions];
  }

  #demand(demand: DemandOrigin): Sentence[] {
    const [first] = demand.choices;
    if (!first) return [sentenceOf(demand, `, but ${this.#lack(demand)}`)];
    if (demand.kind === 'dependency') return [sentenceOf(demand)];
    // That the definition asks for a package by its name goes without saying.
    return first.name === demand.request.name ? [] : [sentenceOf(demand, `, which ${first.name} provides`)];
  }

  #conflict({ owner, field, relation, target }: OriginOf<'conflict'>): Sentence {
    const what = `${field === 'Breaks' ? 'breaks' : 'conflicts with'} ${formatRelation(relation)}`;
    const by = this.#demands.find(({ choices }) => choices.includes(target));
    const provided = relation.name === target.name ? '' : `, which ${target.name} provides`;
    // Where there was a choice, a sentence of its own tells it.
    if (by?.choices.some(({ name }) => name !== target.name))
      return { subject: owner.name, version: owner.version, rest: `${what}${provided}` };
    if (by) this.#told.add(by);
    const { subject } = by ? sentenceOf(by) : { subject: 'the image' };
    const need = { request: 'asks for', dependency: 'needs', installed: 'holds' }[by?.kind ?? 'installed'];
    const rest =
      provided !== ''
        ? `${provided}, and ${subject} ${need} ${target.name}`
        : by?.kind === 'dependency'
          ? `, which is needed by ${subject}`
          : `, which ${subject} ${need}`;
    return { subject: owner.name, version: owner.version, rest: `${what}${rest}` };
  }

  /** Who asks for versions of a package of which there can be only one. */
  #oneVersion(name: string): Sentence[] {
    const asking = this.#demands.filter(({ choices }) => choices.some((found) => found.name === name));
    const held = ofKind(this.#core, 'installed').find((origin) => origin.package.name === name);
    const [last] = asking.slice(-1);
    if (!last || asking.length < (held ? 1 : 2)) return [];
    for (const demand of asking) this.#told.add(demand);
    const but = held
      ? `, but the image holds ${name} ${held.package.version}`
      : `, but there can be only one version of ${name}`;
    return asking.map((demand) => sentenceOf(demand, demand === last ? but : ''));
  }

  /** What there is in place of what a demand without any choice needs. */
  #lack(demand: DemandOrigin): string {
    if (demand.kind === 'dependency')
      return demand.alternatives.map((relation) => this.#whatThereIs(relation)).join(', and ');
    const { name, suite } = demand.request;
    return listed(this.#candidates.named(name).filter((found) => (suite ?? found.suite) === found.suite));
  }

  #whatThereIs(relation: Relation): string {
    const { name } = relation;
    const unusable = this.#candidates.satisfying(relation);
    if (unusable.length > 0) return `only ${listed(unusable)}, and that suite is pinned`;
    const found = this.#candidates.named(name);
    if (found.length > 0) return listed(found);
    const [provider] = this.#candidates.providing(name);
    return provider
      ? `what ${provider.name} ${provider.version} provides is not ${formatRelation(relation)}`
      : `no suite has ${name}`;
  }
}

function sentenceOf(demand: DemandOrigin, more = ''): Sentence {
  if (demand.kind === 'request')
    return { subject: 'the definition', rest: `asks for ${formatPackageRequest(demand.request)}${more}` };
  const { owner, alternatives } = demand;
  return {
    subject: owner.name,
    version: owner.version,
    rest: `needs ${formatDependency(alternatives)}${more}`,
  };
}

/** The sentences, each once. */
function inWords(sentences: readonly Sentence[]): string[] {
  const versionsOf = (subject: string): Set<string | undefined> =>
    new Set(sentences.filter((one) => one.subject === subject).map(({ version }) => version));
  const text = sentences.map((sentence) => {
    const { subject, version, rest } = sentence;
    const same = new Set(
      sentences.filter((one) => one.subject === subject && one.rest === rest).map((one) => one.version),
    );
    const isOfAll = same.size === versionsOf(subject).size;
    return isOfAll || version === undefined ? `${subject} ${rest}` : `${subject} ${version} ${rest}`;
  });
  return [...new Set(text)];
}

/** A long chain is told by its beginning and its end. */
function shortened(sentences: readonly string[]): readonly string[] {
  const left = sentences.length - FIRST_SENTENCES - LAST_SENTENCES;
  if (left <= 1) return sentences;
  const between = `… (${left} more steps)`;
  return [...sentences.slice(0, FIRST_SENTENCES), between, ...sentences.slice(-LAST_SENTENCES)];
}

function isDemand(origin: Origin): origin is DemandOrigin {
  return origin.kind === 'request' || origin.kind === 'dependency';
}

function ofKind<K extends Origin['kind']>(core: readonly Origin[], kind: K): OriginOf<K>[] {
  return core.filter((origin): origin is OriginOf<K> => origin.kind === kind);
}

/** Orders demands from requests along what they choose from. */
function fromRequests(demands: readonly DemandOrigin[]): DemandOrigin[] {
  const ordered: DemandOrigin[] = ofKind(demands, 'request');
  const rest = new Set(ofKind(demands, 'dependency'));
  for (const { choices } of ordered)
    for (const found of choices)
      for (const demand of rest) {
        if (demand.owner !== found) continue;
        rest.delete(demand);
        ordered.push(demand);
      }
  return [...ordered, ...rest];
}

/** What the suites have, in words that follow "but": `trixie has libfoo 1.4, trixie-backports has libfoo 2.0`. */
function listed(found: readonly Package[]): string {
  const bySuite = new Map<string, string[]>();
  for (const { suite, name, version } of found)
    bySuite.set(suite, [...(bySuite.get(suite) ?? []), `${name} ${version}`]);
  return [...bySuite].map(([suite, packages]) => `${suite} has ${packages.join(' and ')}`).join(', ');
}

/** Where a pinned suite has what is missing: how to take it from there. */
function hintFor(core: readonly Origin[], candidates: Candidates): string {
  const missing = core.filter(isDemand).filter(({ choices }) => choices.length === 0);
  for (const demand of missing) {
    const relations: Dependency = demand.kind === 'dependency' ? demand.alternatives : [demand.request];
    const [pinned] = relations.flatMap((relation) => candidates.satisfying(relation));
    if (pinned) return `Write ${pinned.name}/${pinned.suite} among the packages to take it from there.`;
  }
  return 'Ask for other packages or versions, or add a suite that has what is missing.';
}
