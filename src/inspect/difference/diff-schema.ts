import * as z from 'zod/mini';
import { count, image, packageFields, path, text, texts, totals } from '../report/image-schema.ts';

const side = z.strictObject({ image, totals });

const state = z.strictObject({
  type: z.enum(['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo']),
  mode: text('Four octal digits.'),
  uid: z.number(),
  gid: z.number(),
  size: count('Of its content.'),
  target: z.optional(text('Of a symbolic link.')),
  digest: z.optional(text('SHA-256 of its content.')),
});

const what = z.enum(['content', 'mode', 'owner', 'target', 'type', 'attributes']);

const packageChange = z.strictObject({
  ...packageFields,
  version: z.optional(text('In the second image; absent if it is gone.')),
  before: z.optional(text('Version in the first image; absent if it is new.')),
  change: z.enum(['added', 'removed', 'upgraded', 'downgraded', 'changed']),
  size: z.optional(count('Of its files in the second image.')),
  sizeBefore: z.optional(count('Of its files in the first image.')),
});

/** What `pith diff --json` prints. */
export const diffReport = z.strictObject({
  schemaVersion: z.literal(1),
  before: side,
  after: side,
  identical: z
    .boolean()
    .check(
      z.describe('Neither files nor packages nor the configuration are different; times are not looked at.'),
    ),
  layers: z.strictObject({
    shared: texts('DiffIDs of layers that both have.'),
    removed: texts('DiffIDs of layers that only the first has.'),
    added: texts('DiffIDs of layers that only the second has.'),
    sharedSize: count('Of the layers that both have, as the second stores them.'),
    addedSize: count('Of the layers that only the second has, as it stores them.'),
  }),
  config: z.array(
    z.strictObject({
      field: text('Such as user, env.PATH, labels.version.'),
      before: z.optional(z.string()),
      after: z.optional(z.string()),
    }),
  ),
  packages: z.array(packageChange),
  files: z.strictObject({
    added: z.array(z.strictObject({ path, ...state.shape })),
    removed: z.array(z.strictObject({ path, ...state.shape })),
    changed: z.array(
      z.strictObject({
        path,
        what: z.array(what).check(z.describe('All that is different.')),
        before: state,
        after: state,
      }),
    ),
  }),
});

export type DiffReport = z.infer<typeof diffReport>;

export function diffJsonSchema(): object {
  return z.toJSONSchema(diffReport, { target: 'draft-2020-12' });
}
