import type { Rule } from '../model.ts';
import { showText } from '../show.ts';

export const PACKAGE_RULES: readonly Rule[] = [
  {
    id: 'changed-package-file',
    severity: 'warning',
    title: 'A file is not the one that its package brought',
    why: 'Somebody or something changed it. Scanners and updates take it for the one of the package, and what it does now is what nobody has signed.',
    mend: 'Take the file as the package has it, or build a package of your own. Configuration files may differ, and so may os-release(5), by which an image says what it is.',
    *find({ packages, view: { tree } }) {
      for (const { name, version, files } of packages)
        for (const { path, md5, sha256, configuration } of files) {
          if (configuration === true || NAMES_IMAGE.has(path) || (md5 === undefined && sha256 === undefined))
            continue;
          const link = tree.resolve(path, { followLast: false });
          const id = link === undefined ? undefined : tree.contentOf(link);
          const at = id === undefined ? undefined : tree.entryNumber(id);
          if (id === undefined || at === undefined) continue;
          const layer = tree.layer(id);
          const entries = tree.layers[layer]?.entries;
          const isSame =
            sha256 === undefined ? entries?.md5Hex(at) === md5 : entries?.contentHex(at) === sha256;
          if (!isSame)
            yield {
              message: `it is not as ${showText(name)} ${showText(version)} has it`,
              path: tree.path(id),
              layer,
            };
        }
    },
  },
  {
    id: 'unknown-contents',
    severity: 'note',
    title: 'Nobody can tell what the image is made of',
    why: 'There is no database of packages in the image, no build information in its programs and no bill of materials beside it: no scanner finds anything in it, which looks like an image without faults.',
    mend: 'Keep the database of packages in the image, or attach a bill of materials (SBOM) to it.',
    *find({ packages, view, context: { attached = [] } }) {
      if (packages.length > 0 || attached.some((type) => BILL.test(type))) return;
      const { tree } = view;
      const { files } = tree.totals();
      if ((files[tree.root] ?? 0) > 0)
        yield { message: 'no packages are known, and no bill of materials is attached' };
    },
  },
  {
    id: 'no-origin-label',
    severity: 'note',
    title: 'The image does not say where it is from',
    why: 'Without a label or annotation nobody who finds the image running can tell whose it is, or from which source and version it was built.',
    mend: 'Set `org.opencontainers.image.source` (and `.revision`, `.version`) as a label, or as an annotation of the manifest.',
    *find({ run, view: { image }, isBase }) {
      if (isBase) return;
      const said = [...Object.keys(run.Labels ?? {}), ...Object.keys(image.manifest.annotations ?? {})];
      if (!said.some((name) => ORIGIN.test(name)))
        yield {
          message: 'there is no org.opencontainers.image.source, .url or .vendor',
          field: 'config.Labels',
        };
    },
  },
];

/** What every image that is made of packages says in its own words. */
const NAMES_IMAGE: ReadonlySet<string> = new Set(['etc/os-release', 'usr/lib/os-release']);
/** Types of CycloneDX, SPDX and Syft documents, and of attestations that hold one. */
const BILL = /cyclonedx|spdx|syft|\bsbom\b/i;
const ORIGIN =
  /^(?:org\.opencontainers\.image|org\.label-schema)\.(?:source|url|vcs-url|vendor|documentation)$/;
