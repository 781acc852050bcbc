import { PithError } from '../core/index.ts';
import type { BaseSpec } from './bases.ts';
import { checkAccounts } from './check-accounts.ts';
import { checkNames } from './check-names.ts';
import type { ConfigSpec } from './config-spec.ts';
import type { Definition, SuiteDefinition } from './definition-types.ts';
import { foldLevels } from './fold-levels.ts';
import { foldVariant, mergeVariants } from './fold-variants.ts';
import type { ImageSpec, LoadedDefinition } from './image-spec.ts';
import { mergeConfig } from './merge-config.ts';

const EMPTY_CONFIG: ConfigSpec = { env: {}, ports: [], volumes: [], labels: {} };

/**
 * Folds a chain of definitions, the most basic one first, into one image. An abstract definition adds no level: its
 * packages, files and accounts become those of the definition that extends it.
 */
export function foldDefinitions(chain: readonly LoadedDefinition[]): ImageSpec {
  const last = chain.at(-1);
  if (!last) throw new PithError('INTERNAL', 'an empty chain of definitions');
  const base = baseOf(chain);
  const merged = mergeScalars(chain);
  const { levels, contents } = foldLevels(chain);
  const config = chain.reduce<ConfigSpec>(
    (base, { definition }) => mergeConfig(base, definition),
    base?.config ?? EMPTY_CONFIG,
  );
  const variants = mergeVariants(chain);
  checkNames([
    ...chain.map(({ definition: { name }, path }) => ({ name, path })),
    ...Object.keys(variants).map((name) => ({ name: `${last.definition.name}:${name}`, path: last.path })),
  ]);
  checkAccounts(chain);
  return {
    ...merged,
    name: last.definition.name,
    ...(last.isNamed ? {} : { file: last.path }),
    ...(last.definition.app === undefined ? {} : { app: last }),
    levels,
    config,
    variants: Object.fromEntries(
      Object.keys(variants).map((name) => [name, foldVariant(name, variants, last, contents, config)]),
    ),
  };
}

function mergeScalars(
  chain: readonly LoadedDefinition[],
): Omit<ImageSpec, 'name' | 'levels' | 'config' | 'variants'> {
  const pick = <Key extends keyof Definition>(key: Key): Definition[Key] | undefined =>
    chain.map(({ definition }) => definition[key]).findLast((value) => value !== undefined);
  const last = chain.at(-1);
  const base = baseOf(chain);
  return {
    description: last?.definition.description ?? '',
    distribution: pick('distribution') ?? '',
    suites: mergeSuites(chain.flatMap(({ definition }) => definition.suites ?? [])),
    mirrors: Object.assign({}, ...chain.map(({ definition }) => definition.mirrors)) as Record<
      string,
      string
    >,
    keys: chain.flatMap(({ definition, resolvePath }) => (definition.keys ?? []).map(resolvePath)),
    mergedUsr: base?.mergedUsr ?? pick('mergedUsr') ?? true,
    platforms: pick('platforms') ?? base?.platforms ?? [],
    ...(base ? { base } : {}),
    annotations: Object.assign({}, ...chain.map(({ definition }) => definition.annotations)) as Record<
      string,
      string
    >,
  };
}

function baseOf(chain: readonly LoadedDefinition[]): BaseSpec | undefined {
  return chain.find(({ base }) => base)?.base;
}

/** A suite that is named again stands for the one before. */
function mergeSuites(suites: readonly SuiteDefinition[]): SuiteDefinition[] {
  return [...new Map(suites.map((suite) => [`${suite.archive} ${suite.suite}`, suite])).values()];
}
