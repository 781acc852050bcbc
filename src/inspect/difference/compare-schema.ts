import * as z from 'zod/mini';
import { count, optionalText, system, text, texts } from '../report/image-schema.ts';

const compared = z.strictObject({
  name: text('As it was asked for.'),
  digest: text('Of the manifest.'),
  platform: text('Such as linux/amd64.'),
  created: optionalText('As the image says it.'),
  user: text('As the image says it; empty: root.'),
  size: count('Of all layers as they are stored.'),
  unpackedSize: count('Of all layers as tar archives.'),
  wastedBytes: count('Copies of files that no container sees.'),
  layers: count('Layers.'),
  sharedLayers: count('Layers that the first image has, too.'),
  sharedSize: count('Of these layers as they are stored.'),
  packages: count('Of all types.'),
  packagesByType: z.record(z.string(), z.number()),
  files: count('Regular files.'),
  shells: texts('What shells were found.'),
  packageManagers: texts('What package managers were found.'),
  setuid: count('Programs with setuid or setgid.'),
  certificates: count('Certificates of authorities.'),
  expiredCertificates: count('Of these, expired at the time of the report.'),
  secrets: count('Private keys and tokens, in all layers.'),
  system,
});

/** What `pith compare --json` prints. */
export const compareReport = z.strictObject({ schemaVersion: z.literal(1), images: z.array(compared) });

export type CompareReport = z.infer<typeof compareReport>;

export function compareJsonSchema(): object {
  return z.toJSONSchema(compareReport, { target: 'draft-2020-12' });
}
