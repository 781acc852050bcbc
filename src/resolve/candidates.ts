import { byText, PithError } from '../core/index.ts';
import {
  appliesTo,
  type Dependency,
  type Package,
  type PackageSource,
  parseDependencies,
  parseProvides,
  type Provided,
  type Relation,
} from '../distro/index.ts';
import type { PackageRequest } from './package-request.ts';
import { isNamedBy, isProvidedBy, type PackageRelations } from './relations.ts';

export interface CandidateOptions {
  /** The distribution's name of the architecture, such as `armhf`. */
  readonly architecture: string;
  /** Suites that give a package only where `admit` has let it in. */
  readonly pinned: ReadonlySet<string>;
  readonly installed: readonly Package[];
}

/** Priorities, the first preferred where a virtual package has several providers. */
const PRIORITIES: readonly string[] = ['required', 'important', 'standard', 'optional'];

/**
 * The packages that may be chosen: each looked up and read once, the same one always the same object. A package that is
 * installed already stands in for the archive's of the same version.
 */
export class Candidates {
  readonly #source: PackageSource;
  readonly #options: CandidateOptions;
  readonly #packages = new Map<string, Package>();
  readonly #named = new Map<string, readonly Package[]>();
  readonly #providing = new Map<string, readonly Package[]>();
  readonly #provides = new Map<Package, readonly Provided[]>();
  readonly #installed: ReadonlySet<Package>;
  readonly #installedProviders = new Map<string, Package[]>();
  readonly #admitted = new Set<Package>();

  constructor(source: PackageSource, options: CandidateOptions) {
    this.#source = source;
    this.#options = options;
    this.#installed = new Set(options.installed);
    for (const found of options.installed)
      for (const { name } of this.providesOf(found))
        this.#installedProviders.set(name, [...(this.#installedProviders.get(name) ?? []), found]);
  }

  isInstalled(found: Package): boolean {
    return this.#installed.has(found);
  }

  /** Whether the package may be chosen at all: installed, of a suite that is not pinned, or let in from a pinned one. */
  isUsable(found: Package): boolean {
    return !this.isPinned(found) || this.#admitted.has(found);
  }

  isPinned(found: Package): boolean {
    return !this.#installed.has(found) && this.#options.pinned.has(found.suite);
  }

  /** All packages of the name, of pinned suites too; those last, and of the highest version first otherwise. */
  named(name: string): readonly Package[] {
    const known = this.#named.get(name);
    if (known) return known;
    const here = this.#options.installed.filter((found) => found.name === name);
    const there = this.#source
      .candidates(name, this.#options.architecture)
      .map((found) => here.find((one) => isSame(one, found)) ?? this.#unique(found));
    const found = [...new Set([...here, ...there])].sort(
      (a, b) => this.#pinOrder(a, b) || this.#source.order(b.version, a.version),
    );
    this.#named.set(name, found);
    return found;
  }

  /** The packages of other names that provide the name: by pin, priority, name, highest version. */
  providing(name: string): readonly Package[] {
    const known = this.#providing.get(name);
    if (known) return known;
    const there = this.#source.providers(name, this.#options.architecture).map((found) => {
      const here = this.#options.installed.find((one) => isSame(one, found));
      return here ?? this.#unique(found);
    });
    const found = [...new Set([...(this.#installedProviders.get(name) ?? []), ...there])]
      .filter((one) => one.name !== name)
      .sort(
        (a, b) =>
          this.#pinOrder(a, b) ||
          priorityOf(a) - priorityOf(b) ||
          byText(a.name, b.name) ||
          this.#source.order(b.version, a.version),
      );
    this.#providing.set(name, found);
    return found;
  }

  /** What satisfies a relation, usable or not: packages of the name first, then those that provide it. */
  satisfying(relation: Relation): Package[] {
    const { architecture } = this.#options;
    return [
      ...this.named(relation.name).filter((found) => isNamedBy(relation, found, architecture)),
      ...this.providing(relation.name).filter((found) =>
        isProvidedBy(relation, found, this.providesOf(found), architecture),
      ),
    ];
  }

  /** The packages of the name that a request will take, usable or not. */
  answering({ name, suite, bound }: PackageRequest): Package[] {
    const relation = bound ? { name, bound } : { name };
    const inSuite = (found: Package): boolean =>
      suite === undefined || found.suite === suite || this.#isAlsoIn(found, suite);
    return this.named(name).filter(
      (found) => inSuite(found) && isNamedBy(relation, found, this.#options.architecture),
    );
  }

  /**
   * Lets packages of pinned suites in: those that requests ask for by suite, and what they need of the same suite where
   * nothing else will do.
   */
  admit(requests: readonly PackageRequest[]): void {
    const waiting = requests
      .filter(({ suite }) => suite !== undefined && this.#options.pinned.has(suite))
      .flatMap((request) => this.answering(request));
    for (let found = waiting.pop(); found; found = waiting.pop()) {
      if (!this.isPinned(found) || this.#admitted.has(found)) continue;
      const { suite } = found;
      this.#admitted.add(found);
      for (const { alternatives } of this.relationsOf(found).dependencies) {
        const all = alternatives.flatMap((relation) => this.satisfying(relation));
        if (all.every((one) => this.isPinned(one))) waiting.push(...all.filter((one) => one.suite === suite));
      }
    }
  }

  /**
   * Reads the relation fields of a package; dependencies on other architectures are left out.
   * @throws PithError ARCHIVE_INVALID with the package and the field
   */
  relationsOf(found: Package): PackageRelations {
    const { architecture } = this.#options;
    const read = (field: string, text: string): Dependency[] =>
      named(found, field, () => parseDependencies(text))
        .map((alternatives) => alternatives.filter((relation) => appliesTo(relation, architecture)))
        .filter((alternatives) => alternatives.length > 0);
    const dependencies = (['Pre-Depends', 'Depends'] as const).flatMap((field) =>
      read(field, field === 'Depends' ? found.depends : found.preDepends).map((alternatives) => ({
        field,
        alternatives,
      })),
    );
    const conflicts = (['Conflicts', 'Breaks'] as const).flatMap((field) =>
      read(field, field === 'Breaks' ? found.breaks : found.conflicts).flatMap((relations) =>
        relations.map((relation) => ({ field, relation })),
      ),
    );
    return { dependencies, conflicts, provides: this.providesOf(found) };
  }

  /** @throws PithError ARCHIVE_INVALID with the package */
  providesOf(found: Package): readonly Provided[] {
    const known = this.#provides.get(found);
    if (known) return known;
    const provides = named(found, 'Provides', () => parseProvides(found.provides));
    this.#provides.set(found, provides);
    return provides;
  }

  #isAlsoIn(found: Package, suite: string): boolean {
    return (
      this.#installed.has(found) &&
      this.#source
        .candidates(found.name, this.#options.architecture)
        .some((one) => one.suite === suite && isSame(one, found))
    );
  }

  #pinOrder(a: Package, b: Package): number {
    return Number(this.isPinned(a)) - Number(this.isPinned(b));
  }

  #unique(found: Package): Package {
    const key = `${found.name} ${found.version} ${found.architecture} ${found.suite} ${found.digest}`;
    const known = this.#packages.get(key);
    if (!known) this.#packages.set(key, found);
    return known ?? found;
  }
}

function isSame(a: Package, b: Package): boolean {
  return a.name === b.name && a.version === b.version && a.architecture === b.architecture;
}

function priorityOf({ priority }: Package): number {
  const place = PRIORITIES.indexOf(priority);
  return place < 0 ? PRIORITIES.length : place;
}

function named<T>(found: Package, field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    throw new PithError(
      'ARCHIVE_INVALID',
      `${found.name} ${found.version} of ${found.suite} has a wrong ${field}: ${error.message}`,
      {
        hint: 'The archive’s index is not usable: choose another mirror, or report it to the archive.',
        cause: error,
      },
    );
  }
}
