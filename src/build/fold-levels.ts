import type { ContentsRules } from '../rootfs/index.ts';
import type { ContentsDefinition, Definition, FileSpec, PackageRequest } from './definition-types.ts';
import type { Level, LoadedDefinition, PackageSpec } from './image-spec.ts';

const EMPTY_RULES: ContentsRules = { drop: [], keep: [] };

/** The levels of a chain, and the rules for what comes on top of them. */
export function foldLevels(chain: readonly LoadedDefinition[]): { levels: Level[]; contents: ContentsRules } {
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

/** One level in the place of two. */
export function joinLevels(below: Level, above: Level): Level {
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

/** What a definition or variant adds by itself. @param contents the rules that it inherits, with its own */
export function levelOf(definition: Definition<FileSpec>, contents: ContentsRules): Level {
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

/** A pattern that says what is wanted of a single package is wrong if it matches nothing; what is not, is not there then. */
function expectedOf(own: ContentsDefinition | undefined): Pick<ContentsRules, 'expected' | 'hoped'> {
  const expected = own?.only ?? own?.keep ?? [];
  const hoped = own?.only ? [] : (own?.drop ?? []);
  return { ...(expected.length > 0 ? { expected } : {}), ...(hoped.length > 0 ? { hoped } : {}) };
}

function mergeRules(inherited: ContentsRules, own: ContentsDefinition | undefined): ContentsRules {
  if (!own) return inherited;
  if (own.only) return { drop: ['**'], keep: own.only };
  return { drop: [...inherited.drop, ...(own.drop ?? [])], keep: [...inherited.keep, ...(own.keep ?? [])] };
}
