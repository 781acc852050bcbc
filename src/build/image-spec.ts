import { nearest, PithError } from '../core/index.ts';
import type { ContentsRules, Group, User } from '../rootfs/index.ts';
import type { BaseSpec } from './bases.ts';
import type { ConfigSpec } from './config-spec.ts';
import { checkNames } from './check-names.ts';
import type {
  ContentsDefinition,
  Definition,
  FileSpec,
  PackageRequest,
  SuiteDefinition,
  VariantDefinition,
} from './definition-types.ts';

/** A package as a definition asks for it. */
export interface PackageSpec extends PackageForm {
  /** `libpq5`, `libpq5/trixie-backports`, either with a version; `npm:NAME@RANGE`. */
  readonly request: string;
  /** Whether what it depends on comes too. */
  readonly follow: boolean;
}

/** What becomes of a package's files in the image. */
export interface PackageForm {
  readonly contents: ContentsRules;
  readonly move: Readonly<Record<string, string>>;
  readonly applets: boolean;
  /** Folder of the image for the files of an npm package. */
  readonly into?: string;
}

/**
 * What one concrete definition (or variant) adds: its packages become layers of their own, its files and what is derived
 * one more. Images that extend each other share the levels, and so the layers, of what they extend.
 */
export interface Level {
  readonly name: string;
  readonly packages: readonly PackageSpec[];
  /** The rules for packages that come as dependencies. */
  readonly contents: ContentsRules;
  /** Names of packages, `*` for any letters, that are left out although others depend on them. */
  readonly omit: readonly string[];
  /** Whether byte code of the Python modules up to here is added. */
  readonly bytecode: boolean;
  readonly files: readonly FileSpec[];
  readonly users: readonly User[];
  readonly groups: readonly Group[];
}

/** A definition with everything that it extends, as one value. */
export interface ImageSpec {
  readonly name: string;
  /** Absolute path of the definition, where it is not one of the catalogue. */
  readonly file?: string;
  readonly description: string;
  readonly distribution: string;
  readonly suites: readonly SuiteDefinition[];
  readonly mirrors: Readonly<Record<string, string>>;
  /** Paths of key files. */
  readonly keys: readonly string[];
  readonly mergedUsr: boolean;
  readonly platforms: readonly string[];
  /** The image that the first level lies on. */
  readonly base?: BaseSpec;
  readonly levels: readonly Level[];
  readonly config: ConfigSpec;
  readonly annotations: Readonly<Record<string, string>>;
  readonly variants: Readonly<Record<string, VariantSpec>>;
}

/** A variant: at most one level on top of the image's, and the configuration that results. */
export interface VariantSpec {
  readonly levels: readonly Level[];
  readonly config: ConfigSpec;
}

/** A definition and where its relative paths start. */
export interface LoadedDefinition {
  readonly definition: Definition<FileSpec>;
  readonly path: string;
  /** Whether the definition is one of the catalogue. */
  readonly isNamed: boolean;
  readonly resolvePath: (path: string) => string;
  /** The image that the definition extends, where that is none of a definition. */
  readonly base?: BaseSpec;
}

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
  return {
    ...merged,
    name: last.definition.name,
    ...(last.isNamed ? {} : { file: last.path }),
    levels,
    config,
    variants: Object.fromEntries(
      Object.keys(variants).map((name) => [name, foldVariant(name, variants, last, contents, config)]),
    ),
  };
}

const EMPTY_CONFIG: ConfigSpec = { env: {}, ports: [], volumes: [], labels: {} };
const EMPTY_RULES: ContentsRules = { drop: [], keep: [] };
/** Every image has this variant; it is also its default tag. */
const DEFAULT_VARIANTS: Record<string, VariantDefinition<FileSpec>> = { latest: {} };

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

function foldLevels(chain: readonly LoadedDefinition[]): { levels: Level[]; contents: ContentsRules } {
  const levels: Level[] = [];
  let contents = EMPTY_RULES;
  let pending: Level | undefined;
  for (const { definition } of chain) {
    contents = mergeRules(contents, definition.contents);
    const own = levelOf(definition, contents);
    const level: Level = pending ? joinLevels(pending, own) : own;
    pending = definition.abstract ? level : undefined;
    if (!definition.abstract) levels.push(level);
  }
  if (pending) levels.push(pending);
  return { levels, contents };
}

function joinLevels(below: Level, above: Level): Level {
  return {
    name: above.name,
    packages: [...below.packages, ...above.packages],
    contents: above.contents,
    omit: [...below.omit, ...above.omit],
    bytecode: below.bytecode || above.bytecode,
    files: [...below.files, ...above.files],
    users: [...below.users, ...above.users],
    groups: [...below.groups, ...above.groups],
  };
}

function levelOf(definition: Definition<FileSpec>, contents: ContentsRules): Level {
  const { name, packages = [], omit = [], files = [], users = [], groups = [], dependencies } = definition;
  const { bytecode = false } = definition;
  return {
    name,
    packages: packages.map((request) => packageSpec(request, contents, dependencies)),
    contents,
    omit,
    bytecode,
    files,
    users: users.map((user) => ({
      name: user.name,
      uid: user.uid,
      gid: user.gid ?? user.uid,
      home: user.home ?? '/nonexistent',
      shell: user.shell ?? '/sbin/nologin',
      createHome: user.createHome ?? user.home !== undefined,
    })),
    groups: groups.map((group) => ({ name: group.name, gid: group.gid, members: group.members ?? [] })),
  };
}

function packageSpec(
  request: PackageRequest,
  inherited: ContentsRules,
  dependencies: boolean | undefined,
): PackageSpec {
  const {
    name,
    dependencies: follow = dependencies ?? true,
    contents,
    move = {},
    applets = false,
    into,
  } = typeof request === 'string' ? { name: request } : request;
  return {
    request: name,
    follow,
    contents: { ...mergeRules(inherited, contents), ...expectedOf(contents) },
    move,
    applets,
    ...(into === undefined ? {} : { into }),
  };
}

/** A pattern that says what is wanted of a single package is wrong if it matches nothing. */
function expectedOf(own: ContentsDefinition | undefined): Pick<ContentsRules, 'expected'> {
  const expected = own?.only ?? own?.keep ?? [];
  return expected.length > 0 ? { expected } : {};
}

function mergeRules(inherited: ContentsRules, own: ContentsDefinition | undefined): ContentsRules {
  if (!own) return inherited;
  if (own.only) return { drop: ['**'], keep: own.only };
  return { drop: [...inherited.drop, ...(own.drop ?? [])], keep: [...inherited.keep, ...(own.keep ?? [])] };
}

/** The keys of a definition or variant that end up in the image configuration. */
type ConfigDefinition = Omit<VariantDefinition, 'extends' | 'packages' | 'omit' | 'files'> &
  Pick<Definition, 'ports' | 'volumes' | 'stopSignal'>;

function mergeConfig(base: ConfigSpec, over: ConfigDefinition): ConfigSpec {
  const {
    entrypoint = base.entrypoint,
    cmd = over.entrypoint ? undefined : base.cmd,
    user = base.user,
    workdir = base.workdir,
  } = over;
  const stopSignal = over.stopSignal ?? base.stopSignal;
  return {
    env: {
      ...base.env,
      ...Object.fromEntries(
        Object.entries(over.env ?? {}).map(([name, value]) => [name, expand(value, base.env)]),
      ),
    },
    ports: [...new Set([...base.ports, ...(over.ports ?? [])])],
    volumes: [...new Set([...base.volumes, ...(over.volumes ?? [])])],
    labels: { ...base.labels, ...over.labels },
    ...(entrypoint ? { entrypoint } : {}),
    ...(cmd ? { cmd } : {}),
    ...(user === undefined ? {} : { user }),
    ...(workdir === undefined ? {} : { workdir }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
}

function expand(value: string, env: Readonly<Record<string, string>>): string {
  return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_match, name: string) => env[name] ?? '');
}

function mergeVariants(chain: readonly LoadedDefinition[]): Record<string, VariantDefinition<FileSpec>> {
  const merged: Record<string, VariantDefinition<FileSpec>> = { ...DEFAULT_VARIANTS };
  for (const { definition } of chain) {
    for (const [name, variant] of Object.entries(definition.variants ?? {})) {
      const own = withDependencies(variant, definition.dependencies);
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

function foldVariant(
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
