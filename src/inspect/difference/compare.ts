import type { InspectSummary } from '../report/inspect-schema.ts';
import type { CompareReport } from './compare-schema.ts';

/**
 * Images side by side, in the form of the published schema (schema/compare.schema.json).
 * @param now the time by which certificates are expired, in milliseconds since 1970
 */
export function compareImages(reports: readonly InspectSummary[], now: number): CompareReport {
  const first = new Set(reports[0]?.layers.map(({ diffId }) => diffId));
  return { schemaVersion: 1, images: reports.map((report) => compared(report, first, now)) };
}

function compared(
  report: InspectSummary,
  first: ReadonlySet<string>,
  now: number,
): CompareReport['images'][number] {
  const { image, totals, packages, certificates, system } = report;
  const shared = report.layers.filter(({ diffId }) => first.has(diffId));
  const authorities = new Map(
    certificates.filter(({ isAuthority }) => isAuthority).map((one) => [one.fingerprint, one]),
  );
  const byType: Record<string, number> = {};
  for (const { type } of packages) byType[type] = (byType[type] ?? 0) + 1;
  return {
    name: image.name,
    digest: image.digest,
    platform: image.platform,
    created: image.created,
    user: image.config.user,
    size: totals.size,
    unpackedSize: totals.unpackedSize,
    wastedBytes: report.efficiency.wastedBytes,
    layers: totals.layers,
    sharedLayers: shared.length,
    sharedSize: shared.reduce((sum, { size }) => sum + size, 0),
    packages: packages.length,
    packagesByType: byType,
    files: totals.files,
    shells: toolsOf(report, 'shell'),
    packageManagers: toolsOf(report, 'package-manager'),
    setuid: report.setuid.length,
    certificates: authorities.size,
    expiredCertificates: [...authorities.values()].filter(({ notAfter }) => Date.parse(notAfter) < now)
      .length,
    secrets: report.secrets.length,
    system,
  };
}

/** The names of the tools of one kind that were found, each once. */
export function toolsOf({ tools }: InspectSummary, category: string): string[] {
  return [...new Set(tools.filter((tool) => tool.category === category).map(({ tool }) => tool))].sort();
}
