import * as z from 'zod/mini';
import {
  base,
  count,
  flag,
  foundPackage,
  image,
  optionalText,
  path,
  system,
  text,
  texts,
  totals,
} from './image-schema.ts';

const SHARE = z.number().check(z.gte(0), z.lte(1));

const layer = z.strictObject({
  index: count('From 0, the lowest.'),
  digest: text('As it is stored.'),
  diffId: text('Of its tar archive, as the configuration says.'),
  actualDiffId: optionalText('Of its tar archive, where that is another one: the image is not sound.'),
  mediaType: z.string(),
  size: count('As it is stored.'),
  unpackedSize: count('Of its tar archive.'),
  created: optionalText('As its history says.'),
  createdBy: optionalText('Command of its history.'),
  comment: optionalText('Of its history.'),
  entries: count('Of its tar archive.'),
  files: count('Regular files in it.'),
  added: count('Files, links and folders that are new with it.'),
  changed: count('What it replaces, or whose mode, owner or content it changes.'),
  removed: count('What it removes, with all that was in removed folders.'),
  wastedBytes: count('Files of it that a higher layer replaces or removes.'),
  sharedWith: texts('Other images that have it, of those that were looked at.'),
});

const efficiency = z.strictObject({
  storedBytes: count('Files of all layers.'),
  wastedBytes: count('What could be saved: copies that no container sees.'),
  efficiency: SHARE.check(z.describe('What a container sees of what is stored.')),
  wasted: z
    .array(
      z.strictObject({
        path,
        bytes: count('Of the copies that no container sees.'),
        copies: count('How many these are.'),
        removed: flag('Nothing is there in the image any more.'),
      }),
    )
    .check(z.describe('Most bytes first.')),
  dive: z
    .strictObject({
      sizeBytes: z.number(),
      userSizeBytes: count('Without the first layer.'),
      inefficientBytes: z.number(),
      efficiencyScore: SHARE,
      wastedUserPercent: z
        .optional(z.number())
        .check(z.describe('From 0 to 1; absent where nothing is above the first layer.')),
      inefficientFiles: z.array(z.strictObject({ path, count: z.number(), bytes: z.number() })),
    })
    .check(z.describe('The same image in the formulas of dive, which counts the copy that stays, too.')),
});

const duplicates = z.strictObject({
  bytes: count('What one copy of each content would save.'),
  groups: z
    .array(
      z.strictObject({
        digest: text('Of the content.'),
        size: count('Of one copy.'),
        paths: texts('Files that have this content and are no hard links of each other.'),
      }),
    )
    .check(z.describe('Most savings first.')),
});

const program = z.strictObject({
  path,
  kind: z.enum(['program', 'library']),
  platform: optionalText('As images name it; absent if they have no name for it.'),
  foreign: flag('Neither for the platform of the image nor for one that its machines run as well.'),
  class: z.union([z.literal(32), z.literal(64)]),
  interpreter: z.optional(z.strictObject({ path: text('Of the loader.'), exists: z.boolean() })),
  soname: z.optional(z.string()),
  needed: z.array(
    z.strictObject({
      name: z.string(),
      path: optionalText('Where the loader finds it; absent if nowhere.'),
      elsewhere: optionalText('Where it lies if the loader does not look there.'),
      loadedBefore: z
        .optional(z.literal(true))
        .check(z.describe('It is no fault: only programs that have the library already load this file.')),
      missingVersions: texts('Versions of symbols that it lacks, such as GLIBC_2.38.'),
    }),
  ),
  stripped: z.boolean(),
  hardening: z.strictObject({
    relro: z.enum(['none', 'partial', 'full']),
    nx: z.boolean(),
    pie: z.optional(z.boolean()),
    stackProtector: z.optional(z.boolean()).check(z.describe('Absent where nothing tells.')),
    fortify: z.optional(z.boolean()).check(z.describe('Absent where nothing tells.')),
    rpath: z.boolean(),
    runpath: z.boolean(),
  }),
});

const certificate = z.strictObject({
  path,
  subject: z.string(),
  issuer: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  isAuthority: z.boolean(),
  fingerprint: text('SHA-256 of the DER form.'),
});

/** One file of the image, in the order of a walk through it: folders before what is in them. */
const file = z.strictObject({
  path,
  type: z.enum(['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo']),
  mode: text('Four octal digits.'),
  uid: z.number(),
  gid: z.number(),
  size: count('Of its content.'),
  mtime: text('RFC 3339.'),
  layer: count('From 0.'),
  target: optionalText('Of a link, as it stands there.'),
  digest: optionalText('SHA-256 of its content.'),
  xattrs: z.optional(z.record(z.string(), z.string())).check(z.describe('Values in base64.')),
  package: optionalText('Package URL of whose it is.'),
});

/** What `pith inspect --json` prints. */
export const inspectReport = z.strictObject({
  schemaVersion: z.literal(1),
  image,
  system,
  base: z.optional(base),
  totals,
  layers: z.array(layer),
  history: z.array(
    z.strictObject({
      created: z.optional(z.string()),
      createdBy: z.optional(z.string()),
      comment: z.optional(z.string()),
      layer: z.optional(count('From 0; absent for a step that made none.')),
    }),
  ),
  efficiency,
  duplicates,
  largest: z.array(z.strictObject({ path, size: z.number(), layer: z.number() })),
  packages: z.array(foundPackage),
  users: z.array(
    z.strictObject({
      name: z.string(),
      uid: z.number(),
      gid: z.number(),
      home: z.string(),
      shell: z.string(),
      password: z.enum(['empty', 'locked', 'set', 'unknown']),
    }),
  ),
  groups: z.array(z.strictObject({ name: z.string(), gid: z.number(), members: z.array(z.string()) })),
  setuid: z.array(
    z.strictObject({
      path,
      mode: text('Four octal digits.'),
      uid: z.number(),
      gid: z.number(),
      setuid: z.boolean(),
      setgid: z.boolean(),
    }),
  ),
  capabilities: z.array(
    z.strictObject({
      path,
      capabilities: text('As getcap(8) prints them: cap_net_bind_service=ep.'),
      rootId: z.optional(z.number()).check(z.describe('User namespace that they hold in.')),
    }),
  ),
  tools: z.array(
    z.strictObject({
      path,
      category: text(
        'shell, package-manager, language-package-manager, network, privilege, debugger, compiler or editor.',
      ),
      tool: text('What it is, whatever its file is called.'),
    }),
  ),
  certificates: z.array(certificate),
  secrets: z.array(
    z.strictObject({
      path,
      layer: count('From 0.'),
      removed: flag('A higher layer hides it, and everyone who has the image still has it.'),
      type: z.string(),
      line: z.number(),
      hint: z.string(),
    }),
  ),
  programs: z.array(program),
  flaws: z.array(
    z.strictObject({
      layer: count('From 0.'),
      path,
      flaw: z.enum(['whiteout-of-nothing', 'below-no-folder', 'link-loop']),
    }),
  ),
  files: z.array(file),
});

export type InspectReport = z.infer<typeof inspectReport>;
export type ReportedFile = z.infer<typeof file>;
/** All but the files, which are written one by one. */
export type InspectSummary = Omit<InspectReport, 'files'>;

export function inspectJsonSchema(): object {
  return z.toJSONSchema(inspectReport, { target: 'draft-2020-12' });
}
