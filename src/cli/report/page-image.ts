import type { ImageView, InspectSummary, MeasuredPackage } from '../../inspect/index.ts';
import { type PageImage, type PagePackage, settingsOf } from '../../page/index.ts';

/** An image as the page shows it. */
export function pageImage({ image, tree }: ImageView, report: InspectSummary): PageImage {
  const { system, base, totals, efficiency } = report;
  const [created, distribution, baseName] = [report.image.created, system.name, base?.name ?? base?.digest];
  return {
    name: report.image.name,
    digest: report.image.digest,
    platform: report.image.platform,
    ...(created === undefined ? {} : { created }),
    ...(distribution === undefined ? {} : { distribution }),
    ...(baseName === undefined ? {} : { base: baseName }),
    size: totals.size,
    unpackedSize: totals.unpackedSize,
    files: tree.totals().files[tree.root] ?? 0,
    wasted: efficiency.wastedBytes,
    efficiency: efficiency.efficiency,
    layers: report.layers.map((layer) => {
      const createdBy = layer.createdBy ?? layer.comment;
      return {
        digest: layer.digest,
        diffId: layer.diffId,
        mediaType: layer.mediaType,
        size: layer.size,
        unpackedSize: layer.unpackedSize,
        ...(createdBy === undefined ? {} : { createdBy }),
        files: layer.entries,
        wasted: layer.wastedBytes,
        ...(layer.sharedWith.length > 0 ? { sharedWith: layer.sharedWith } : {}),
      };
    }),
    settings: settingsOf(image.config, image.manifest.annotations),
  };
}

/** A package as the page shows it. */
export function pagePackage({ installed, files, size }: MeasuredPackage): PagePackage {
  const { type, name, version, licences, layer, summary, purl, installedSize } = installed;
  return {
    type,
    name,
    version,
    licences,
    size: size > 0 ? size : (installedSize ?? 0),
    files,
    layer,
    purl,
    ...(summary === undefined ? {} : { summary }),
  };
}
