import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PithError } from '../core/index.ts';
import type { Package } from '../distro/index.ts';
import { packagesOf } from '../testing/packages.ts';
import { resolve } from '../testing/resolution.ts';
import { explainPackage, type Resolution } from './resolution.ts';

/** Small archives in which packages of five names need, exclude and stand in for each other. */
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const relation = fc
  .tuple(fc.constantFrom(...NAMES, 'v'), fc.constantFrom('', '', ' (>= 2)', ' (<< 2)', ' (= 1)'))
  .map((parts) => parts.join(''));
const dependency = fc.array(relation, { minLength: 1, maxLength: 2 }).map((some) => some.join(' | '));
const line = fc
  .record({
    name: fc.constantFrom(...NAMES),
    version: fc.constantFrom('1', '2'),
    Depends: fc.array(dependency, { maxLength: 2 }),
    'Pre-Depends': fc.array(dependency, { maxLength: 1 }),
    Conflicts: fc.array(relation, { maxLength: 1 }),
    Provides: fc.constantFrom([], [], ['v'], ['v (= 2)']),
  })
  .map(({ name, version, ...fields }) =>
    [
      `${name} ${version}`,
      ...Object.entries(fields).map(([field, some]) => `${field}: ${some.join(', ')}`),
    ].join('; '),
  );
const archives = fc.uniqueArray(line, {
  minLength: 4,
  maxLength: 10,
  selector: (text) => text.slice(0, 3),
});

/** Whether these packages can be together, by the plainest reading of the rules. */
function holds(packages: readonly Package[]): boolean {
  const meets = (found: Package, wanted: string): boolean => {
    const [name, operator, bound] = wanted.split(/[ ()]+/);
    const fits = (version: string | undefined): boolean => {
      if (operator === undefined) return true;
      if (version === undefined) return false;
      return { '>=': version >= bound!, '<<': version < bound!, '=': version === bound! }[operator]!;
    };
    if (found.name === name) return fits(found.version);
    const provided = /^v(?: \(= (.)\))?$/.exec(found.provides);
    return name === 'v' && provided !== null && fits(provided[1]);
  };
  const words = (field: string): string[] => field.split(', ').filter((word) => word !== '');
  return packages.every(
    (one) =>
      packages.every((other) => other === one || other.name !== one.name) &&
      words(`${one.preDepends}, ${one.depends}`).every((group) =>
        group.split(' | ').some((wanted) => packages.some((other) => meets(other, wanted))),
      ) &&
      words(one.conflicts).every((wanted) =>
        packages.every((other) => other === one || !meets(other, wanted)),
      ),
  );
}

function subsets<T>(all: readonly T[]): T[][] {
  return all.reduce<T[][]>((some, one) => [...some, ...some.map((set) => [...set, one])], [[]]);
}

describe('whatever the archive', () => {
  it('an answer is found exactly if there is one, everything in it holds together and is needed', () => {
    const seen = { met: 0, failed: 0, conflicts: 0 };
    fc.assert(
      fc.property(
        archives,
        fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }),
        (lines, names) => {
          const packages = packagesOf(lines.join('\n'));
          fc.pre(names.every((name) => packages.some((one) => one.name === name)));
          const answers = (set: readonly Package[]): boolean =>
            names.every((name) => set.some((one) => one.name === name)) && holds(set);
          let resolution: Resolution;
          try {
            resolution = resolve(packages, names.join(', '));
          } catch (error) {
            expect((error as PithError).code).toBe('DEPENDENCY_UNSATISFIABLE');
            expect(subsets(packages).some(answers)).toBe(false);
            seen.failed++;
            return;
          }
          expect(answers(resolution.packages.map((one) => one.package))).toBe(true);
          for (const { package: found } of resolution.packages)
            expect(explainPackage(resolution, found.name)).toMatch(/ the definition$/);
          seen.met++;
          if (resolution.statistics.conflicts > 0) seen.conflicts++;
        },
      ),
      { numRuns: 3000 },
    );
    // The archives are such that all of it happens.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
  });

  it('the answer, and the words of a failure, do not depend on the order of the input', () => {
    const outcome = (packages: readonly Package[], requests: string): unknown => {
      try {
        const { packages: found, omissions, statistics } = resolve(packages, requests);
        return [found, omissions, statistics];
      } catch (error) {
        return (error as PithError).message;
      }
    };
    fc.assert(
      fc.property(
        archives,
        fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 3 }),
        (lines, names) => {
          const packages = packagesOf(lines.join('\n'));
          expect(outcome(packages.toReversed(), names.toReversed().join(', '))).toEqual(
            outcome(packages, [...names, ...names].join(', ')),
          );
        },
      ),
    );
  });

  it('each package comes after those that it needs, if they do not need it', () => {
    fc.assert(
      fc.property(archives, fc.constantFrom(...NAMES), (lines, name) => {
        // Only names in alphabetical order are needed: there is no circle.
        const packages = packagesOf(lines.join('\n')).map((one) => ({
          ...one,
          provides: '',
          conflicts: '',
          preDepends: '',
        }));
        for (const one of packages)
          one.depends = one.depends
            .split(', ')
            .filter((group) =>
              group.split(' | ').every((wanted) => wanted.charAt(0) > one.name && !wanted.startsWith('v')),
            )
            .join(', ');
        let order: Package[];
        try {
          order = resolve(packages, name).packages.map((one) => one.package);
        } catch {
          return;
        }
        expect(order.at(-1)?.name).toBe(name);
        for (const [at, one] of order.entries())
          for (const group of one.depends.split(', ').filter((text) => text !== ''))
            expect(
              order
                .slice(0, at)
                .some((other) => group.split(' | ').some((text) => text.startsWith(other.name))),
            ).toBe(true);
      }),
    );
  });
});
