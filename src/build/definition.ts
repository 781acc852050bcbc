import * as z from 'zod/mini';
import { policySchema } from '../policy/index.ts';
import { isSignal, isUser } from './config-rules.ts';
import type { Definition, FileDefinition } from './definition-types.ts';
import { FILE_RULES, isTime } from './file-rules.ts';
import { isDuration, isProbeUrl } from './healthcheck.ts';

/** The shape of a definition file. docs/definitions.md explains it; schema/definition.schema.json is made from it. */
const text = (description: string) => z.string().check(z.minLength(1), z.describe(description));
const list = (description: string) => z.array(z.string()).check(z.describe(description));

const IMAGE_NAME = /^[a-z0-9]+([._-][a-z0-9]+)*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;
const PACKAGE =
  /^([a-z0-9][a-z0-9+.-]+(\/[a-z0-9-]+)?\s*((<<|<=|=|>=|>>)\s*[^\s()<>=]+|\(\s*(<<|<=|=|>=|>>)\s*[^\s()<>=]+\s*\))?|npm:(@[a-z0-9._-]+\/)?[a-z0-9._-]+(\{arch\})?@[^@]+)$/;
const PACKAGE_TEXT =
  'must be a package: a name, name/suite to take it from that suite, either with a version such as libpq5>=17 (<< <= = >= >>), or npm:NAME@RANGE';
const PATTERN = /^[a-z0-9*][a-z0-9+.*-]*$/;
const VARIANT = /^[a-z0-9][a-z0-9._-]{0,60}$/;
const MODE = /^[0-7]{3,4}$/;
const OWNER = /^(\d+:\d+|[a-z_][a-z0-9_-]*)$/;
const PORT = /^([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])(\/(tcp|udp|sctp))?$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ABSOLUTE = /^\/(?!(?:.*\/)?\.\.(?:\/|$))/;
const RELATIVE = /^(?!(?:.*\/)?\.{1,2}(?:\/|$))[^/]+(?:\/[^/]+)*$/;
const HOME = /^\/(?!(?:[^:\n]*\/)?\.\.(?:\/|$))[^:\n]*$/;

const contents = z.strictObject({
  drop: z.optional(list('Patterns of paths to leave out.')),
  keep: z.optional(list('Patterns of paths to keep although `drop` matches them.')),
  only: z.optional(
    list('Patterns of the only paths to take; replaces `drop` and `keep`, also those of the image.'),
  ),
});

const packageRequest = z.union([
  z.string().check(z.regex(PACKAGE, PACKAGE_TEXT)),
  z.strictObject({
    name: z.string().check(z.regex(PACKAGE, PACKAGE_TEXT)),
    dependencies: z
      .optional(z.boolean())
      .check(z.describe('Whether what it depends on comes too; default: what the definition says.')),
    contents: z.optional(contents),
    into: z
      .optional(z.string().check(z.regex(RELATIVE, 'must be a path without / at its ends and ..')))
      .check(z.describe('Folder of the image that the files of an npm package are put into.')),
    move: z
      .optional(
        z.record(
          z.string(),
          z.string().check(z.regex(RELATIVE, 'must be a path without / at its ends and ..')),
        ),
      )
      .check(z.describe('New places of single files: path in the package to path in the image.')),
    applets: z
      .optional(z.boolean())
      .check(z.describe("Make links beside the package's busybox for all of its applets.")),
  }),
]);

const file = z
  .strictObject({
    to: z
      .optional(z.string().check(z.regex(ABSOLUTE, 'must be an absolute path without ..')))
      .check(z.describe('Path in the image; with / at its end, a file goes below it with its name.')),
    from: z.optional(text('Path of a file, or of a folder that is taken whole, relative to this file.')),
    ignore: z.optional(list('Patterns of paths below `from` to leave out.')),
    content: z.optional(z.string()).check(z.describe('Content of a regular file.')),
    link: z.optional(z.string()).check(z.describe('Target of a symbolic link.')),
    folder: z.optional(z.literal(true)).check(z.describe('Make a folder.')),
    certificate: z
      .optional(z.literal(true))
      .check(z.describe('Trust the certificate: it gets into the CA bundle and the Java keystore, too.')),
    mode: z.optional(z.string().check(z.regex(MODE, 'must be octal digits in quotes, such as "0644"'))),
    owner: z.optional(z.string().check(z.regex(OWNER, 'must be UID:GID in quotes or the name of a user'))),
    time: z
      .optional(z.string().check(z.refine(isTime, 'must be a time such as 2026-01-31T12:00:00Z, or source')))
      .check(z.describe('RFC 3339; `source` for the time of the file on the disk; default: 1970.')),
  })
  .check(
    ...FILE_RULES.map(({ holds, error, path }) =>
      z.refine<FileDefinition>(holds, { error, ...(path ? { path: [path] } : {}) }),
    ),
  );

const user = z.strictObject({
  name: z.string().check(z.regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user name')),
  uid: z.int().check(z.minimum(0), z.maximum(4294967294)),
  gid: z.optional(z.int().check(z.minimum(0), z.maximum(4294967294))),
  home: z.optional(z.string().check(z.regex(HOME, 'must be an absolute path without ..'))),
  shell: z.optional(z.string().check(z.regex(HOME, 'must be an absolute path without ..'))),
  createHome: z.optional(z.boolean()),
});

const group = z.strictObject({
  name: z.string().check(z.regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a group name')),
  gid: z.int().check(z.minimum(0), z.maximum(4294967294)),
  members: z.optional(z.array(z.string())),
});

const suite = z.strictObject({
  archive: z.enum(['debian', 'debian-security']).check(z.describe('Which archive of the distribution.')),
  suite: text('Code name, such as trixie-updates.'),
  components: z.optional(list('Default: main.')),
  pinned: z
    .optional(z.boolean())
    .check(z.describe('Only packages that name this suite (name/suite) come from it.')),
});

/** What a variant may set too. */
const layered = {
  packages: z.optional(z.array(packageRequest)),
  omit: z
    .optional(z.array(z.string().check(z.regex(PATTERN, 'must be the name of a package, * for any letters'))))
    .check(z.describe('Packages that are left out although others depend on them.')),
  files: z.optional(z.array(file)),
  env: z
    .optional(z.record(z.string().check(z.regex(ENV_NAME, 'must be a variable name')), z.string()))
    .check(z.describe('${NAME} stands for the value that is inherited.')),
  entrypoint: z.optional(list('Exec form.')),
  cmd: z.optional(list('Exec form.')),
  user: z.optional(
    text('UID, UID:GID or name.').check(
      z.refine(isUser, 'must be a user by name or number up to 2147483647, with :group if wanted'),
    ),
  ),
  workdir: z.optional(z.string().check(z.regex(ABSOLUTE, 'must be an absolute path without ..'))),
  labels: z.optional(z.record(z.string(), z.string())),
};

const variant = z.strictObject({
  extends: z.optional(z.array(z.string())).check(z.describe('Variants of the same image that come first.')),
  ...layered,
});

const app = z.strictObject({
  path: text('A folder or file, relative to this file.'),
  kind: z.optional(z.enum(['native', 'nodejs', 'python', 'java', 'files'])),
  main: z.optional(text('The file that runs, relative to the path.')),
  binaries: z
    .optional(z.record(z.string(), z.string()))
    .check(z.describe('The program for each platform, such as linux/arm64: dist/arm64/server.')),
});

const duration = (description: string) =>
  z
    .optional(z.string().check(z.refine(isDuration, 'must be a time such as 30s or 1m30s, at most a day')))
    .check(z.describe(description));
const probeUrl = z
  .string()
  .check(z.refine(isProbeUrl, 'must be an address such as http://:8080/health or tcp://:5432'));
const command = z.array(z.string()).check(z.minLength(1));

const healthcheck = z.union([
  probeUrl,
  command,
  z.literal(false),
  z
    .strictObject({
      test: z.optional(command).check(z.describe('A command in exec form.')),
      url: z.optional(probeUrl).check(z.describe('http://:PORT/PATH or tcp://:PORT in the container.')),
      interval: duration('Default: 30s.'),
      timeout: duration('Default: 30s.'),
      startPeriod: duration('Time in which failures do not count.'),
      retries: z
        .optional(z.int().check(z.minimum(1), z.maximum(1000)))
        .check(z.describe('Failures in a row after which it is unwell; default: 3.')),
    })
    .check(
      z.refine(({ test, url }) => (test === undefined) !== (url === undefined), {
        error: 'needs exactly one of test and url',
      }),
    ),
]);

export const definitionSchema = z.strictObject({
  name: z
    .string()
    .check(z.regex(IMAGE_NAME, 'must be an image name such as static-debian13 or registry.example/team/app')),
  description: z.optional(text('One line for `pith ls`.')),
  extends: z.optional(text('Name of the definition that this one adds to, or a path to its file.')),
  app: z
    .optional(z.union([text('A folder or file, relative to this file.'), app]))
    .check(
      z.describe(
        'An application that is put on what this definition extends, or on the smallest image of the catalogue that runs it.',
      ),
    ),
  abstract: z
    .optional(z.literal(true))
    .check(
      z.describe('Only there to be extended: no image, its values become those of the extending definition.'),
    ),
  distribution: z.optional(text('Such as debian13.')),
  suites: z.optional(z.array(suite)),
  mirrors: z
    .optional(z.record(z.string(), z.string()))
    .check(z.describe('Base address by archive, where the machine has no source of its own.')),
  keys: z.optional(
    list("Files with OpenPGP keys to trust besides the distribution's own, relative to this file."),
  ),
  dependencies: z
    .optional(z.boolean())
    .check(
      z.describe(
        'Whether what the packages of this file depend on comes too (default: true). It does not pass on to definitions that extend this one.',
      ),
    ),
  bytecode: z
    .optional(z.boolean())
    .check(
      z.describe('Whether byte code of all Python modules is added, made by the interpreter of the image.'),
    ),
  mergedUsr: z.optional(z.boolean()).check(z.describe('Whether /bin, /lib … are links into /usr.')),
  contents: z.optional(contents),
  platforms: z.optional(z.array(z.string())),
  users: z.optional(z.array(user)),
  groups: z.optional(z.array(group)),
  ports: z.optional(
    z.array(z.string().check(z.regex(PORT, 'must be a port from 1 to 65535, with /tcp, /udp or /sctp'))),
  ),
  volumes: z.optional(z.array(z.string().check(z.regex(ABSOLUTE, 'must be an absolute path without ..')))),
  stopSignal: z.optional(
    text('Such as SIGTERM.').check(z.refine(isSignal, 'must be a signal such as SIGTERM')),
  ),
  healthcheck: z
    .optional(healthcheck)
    .check(
      z.describe(
        'How engines find out whether the application is well: http://:PORT/PATH, tcp://:PORT, a command in exec form, or more about one; false: not at all.',
      ),
    ),
  annotations: z.optional(z.record(z.string(), z.string())),
  check: z
    .optional(policySchema)
    .check(
      z.describe(
        'Which rules `pith check` looks at in the folder of this file, and how they count; it does not pass on.',
      ),
    ),
  variants: z.optional(z.record(z.string().check(z.regex(VARIANT, 'must be a tag')), variant)),
  ...layered,
});

/** The shape that the schema accepts is the one that is documented: this compiles only if it is. */
export function asDefinition(value: z.infer<typeof definitionSchema>): Definition {
  return value;
}

/** The JSON Schema (draft 2020-12) of definition files, for editors. */
export function definitionJsonSchema(): object {
  return z.toJSONSchema(definitionSchema, { target: 'draft-2020-12' });
}
