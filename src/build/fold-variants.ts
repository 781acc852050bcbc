import { nearest, PithError } from '../core/index.ts';
import type { ContentsRules } from '../rootfs/index.ts';
import type { ConfigSpec } from './config-spec.ts';
import type { FileSpec, VariantDefinition } from './definition-types.ts';
import { joinLevels, levelOf } from './fold-levels.ts';
import type { LoadedDefinition, VariantSpec } from './image-spec.ts';
import { mergeConfig } from './merge-config.ts';

/** Every image has this variant; it is also its default tag. */
const DEFAULT_VARIANTS: Record<string, VariantDefinition<FileSpec>> = { latest: {} };

/**
 * The variants of a chain by name, each with what all definitions say of it. Those of an application start it, too: the shell
 * that starts in `debug` is for a base that nothing else runs in.
 */
export function mergeVariants(
  chain: readonly LoadedDefinition[],
): Record<string, VariantDefinition<FileSpec>> {
  const merged: Record<string, VariantDefinition<FileSpec>> = { ...DEFAULT_VARIANTS };
  const application = startedApplication(chain);
  for (const { definition, path } of chain) {
    for (const [name, variant] of Object.entries(definition.variants ?? {})) {
      const isBelow = application !== undefined && path !== application;
      const own = withDependencies(isBelow ? withoutStart(variant) : variant, definition.dependencies);
      const base = merged[name] ?? {};
      merged[name] = {
        ...base,
        ...own,
        ...(base.packages || own.packages
          ? { packages: [...(base.packages ?? []), ...(own.packages ?? [])] }
          : {}),
        ...(base.omit || own.omit ? { omit: [...(base.omit ?? []), ...(own.omit ?? [])] } : {}),
        ...(base.files || own.files ? { files: [...(base.files ?? []), ...(own.files ?? [])] } : {}),
        ...(base.env || own.env ? { env: { ...base.env, ...own.env } } : {}),
        ...(base.labels || own.labels ? { labels: { ...base.labels, ...own.labels } } : {}),
      };
    }
  }
  return merged;
}

/** The file of the application on top of a chain, if something starts it. */
function startedApplication(chain: readonly LoadedDefinition[]): string | undefined {
  const last = chain.at(-1);
  if (last?.definition.app === undefined) return undefined;
  const isStarted = chain.some(
    ({ definition, path }) => path === last.path && definition.entrypoint !== undefined,
  );
  return isStarted ? last.path : undefined;
}

function withoutStart(variant: VariantDefinition<FileSpec>): VariantDefinition<FileSpec> {
  return Object.fromEntries(Object.entries(variant).filter(([key]) => key !== 'entrypoint' && key !== 'cmd'));
}

/** Each package of a variant says itself what the definition says for all. */
function withDependencies(
  variant: VariantDefinition<FileSpec>,
  dependencies: boolean | undefined,
): VariantDefinition<FileSpec> {
  if (!variant.packages || dependencies === undefined) return variant;
  const packages = variant.packages.map((request) => ({
    dependencies,
    ...(typeof request === 'string' ? { name: request } : request),
  }));
  return { ...variant, packages };
}

/**
 * A variant with those that it extends.
 * @param contents the rules that the image gives it
 * @param config what the image gives it
 */
export function foldVariant(
  name: string,
  variants: Readonly<Record<string, VariantDefinition<FileSpec>>>,
  owner: LoadedDefinition,
  contents: ContentsRules,
  config: ConfigSpec,
): VariantSpec {
  const parts = linearize(name, variants, owner.path, []).map((part) => variants[part] ?? {});
  const level = parts
    .map((part) =>
      levelOf({ ...part, name: `${owner.definition.name}:${name}`, extends: undefined }, contents),
    )
    .reduce(joinLevels);
  return {
    levels: level.packages.length + level.files.length > 0 ? [level] : [],
    config: parts.reduce((base, variant) => mergeConfig(base, variant), config),
  };
}

/** The variants that a variant extends, each once and before what extends it, and itself. */
function linearize(
  name: string,
  variants: Readonly<Record<string, VariantDefinition>>,
  path: string,
  above: readonly string[],
): string[] {
  const variant = variants[name];
  if (!variant) {
    const near = nearest(name, Object.keys(variants));
    throw new PithError(
      'DEFINITION_INVALID',
      `${path}: the variant ${above.at(-1) ?? name} extends ${name}, which does not exist`,
      {
        path,
        hint: near ? `Did you mean ${near}?` : `The variants are ${Object.keys(variants).join(', ')}.`,
      },
    );
  }
  if (above.includes(name)) {
    throw new PithError(
      'DEFINITION_CYCLE',
      `${path}: variants extend each other in a circle: ${[...above, name].join(' → ')}`,
      { path },
    );
  }
  const order = (variant.extends ?? []).flatMap((base) => linearize(base, variants, path, [...above, name]));
  return [...new Set([...order, name])];
}
