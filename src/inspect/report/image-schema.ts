import * as z from 'zod/mini';

/** Parts of the published schemas that say what an image is. Paths begin with a slash; times are RFC 3339 in UTC; sizes are bytes. */
const said = (description: string) => z.describe(description);
export const text = (description: string) => z.string().check(said(description));
export const count = (description: string) => z.number().check(z.int(), z.gte(0), said(description));
export const optionalText = (description: string) => z.optional(z.string()).check(said(description));
export const texts = (description: string) => z.array(z.string()).check(said(description));
export const flag = (description: string) => z.boolean().check(said(description));
export const path = text('Path in the image, from /.');
const record = (description: string) => z.record(z.string(), z.string()).check(said(description));

export const healthcheck = z.strictObject({
  test: texts('`CMD` and a command, `CMD-SHELL` and a line, or `NONE`.'),
  interval: z.optional(z.number()).check(said('Nanoseconds.')),
  timeout: z.optional(z.number()).check(said('Nanoseconds.')),
  startPeriod: z.optional(z.number()).check(said('Nanoseconds.')),
  retries: z.optional(z.number()),
});

export const config = z.strictObject({
  user: text('As the image says it; empty: root.'),
  entrypoint: z.optional(texts('Absent is not the same as empty.')),
  cmd: z.optional(texts('Absent is not the same as empty.')),
  env: texts('NAME=VALUE.'),
  workdir: text('Empty if nothing is said.'),
  ports: texts('PORT/PROTOCOL.'),
  volumes: texts('Paths.'),
  labels: record('By key.'),
  stopSignal: optionalText('Name or number.'),
  healthcheck: z.optional(healthcheck),
});

export const image = z.strictObject({
  name: text('As it was asked for.'),
  digest: text('Of the manifest.'),
  mediaType: text('Of the manifest.'),
  platform: text('Such as linux/amd64.'),
  created: optionalText('As the image says it.'),
  author: optionalText('As the image says it.'),
  annotations: record('Of the manifest.'),
  config,
});

export const system = z.strictObject({
  id: optionalText('ID of os-release: debian, alpine …'),
  version: optionalText('VERSION_ID of os-release.'),
  name: optionalText('PRETTY_NAME of os-release.'),
  distroless: flag('Neither a shell nor a package manager was found.'),
  libc: z.optional(
    z.strictObject({ name: z.enum(['glibc', 'musl']), version: optionalText('Of its package.') }),
  ),
  platforms: texts('Of the programs and libraries in it, as images name them.'),
  timeZones: z
    .optional(
      z.strictObject({
        files: count('Files below /usr/share/zoneinfo.'),
        version: optionalText('Of tzdata.'),
      }),
    )
    .check(said('Absent where there are none.')),
});

export const base = z
  .strictObject({
    name: optionalText('Name of the image that it was made of.'),
    digest: optionalText('Of that image.'),
    layers: z.optional(count('How many layers are its; known only where they were compared.')),
    recognisedBy: z.enum(['annotations', 'layers']),
  })
  .check(said('What the image lies on, as its annotations say or as its layers show.'));

export const totals = z.strictObject({
  size: count('Of all layers as they are stored.'),
  unpackedSize: count('Of all layers as tar archives.'),
  layers: count('Layers.'),
  files: count('Regular files in the image; hard links are other names of one.'),
  folders: count('Folders in the image.'),
  links: count('Symbolic links in the image.'),
  bytes: count('Content of the files in the image.'),
});

export const packageFields = {
  type: text('As in package URLs: deb, apk, rpm, npm, pypi, maven, golang.'),
  name: z.string(),
  version: z.string(),
  architecture: z.optional(z.string()),
};

export const foundPackage = z.strictObject({
  ...packageFields,
  purl: text('Package URL.'),
  source: z.optional(z.strictObject({ name: z.string(), version: z.string() })),
  licences: texts('As declared; empty if nothing is said.'),
  summary: z.optional(z.string()),
  partial: flag('Only a part of it is in the image, and says so.'),
  path: text('The file that tells of it.'),
  member: optionalText('Where in that file, if it is an archive.'),
  layer: count('From 0.'),
  files: count('Files in the image that it says are its own.'),
  size: count('Of these files.'),
  declaredSize: z.optional(count('As the package declares it.')),
});
