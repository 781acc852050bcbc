import { measureDive } from '../dive/measure.ts';
import { ownersOf } from '../packages/owners.ts';
import type { ImageView } from '../view.ts';
import { measureWaste } from '../waste.ts';
import { type BaseCandidate, recogniseBase } from './base.ts';
import { findDuplicates, wasteOf } from './duplicates.ts';
import { absolute, formatDate, octal, reportFindings } from './findings.ts';
import { reportImage } from './image.ts';
import type { InspectSummary, ReportedFile } from './inspect-schema.ts';
import { reportHistory, reportLayers } from './layers.ts';
import { type MeasuredPackage, packagesOf } from './packages.ts';
import { reportPrograms } from './programs.ts';
import { describeSystem } from './system.ts';
import { findLargest, reportTotals } from './totals.ts';

/** Groups of duplicates that are told, those that waste most. */
const MAX_GROUPS = 1000;

export interface ReportOptions {
  /** The image as it was asked for. */
  readonly name: string;
  /** Images that it may lie on. */
  readonly bases?: readonly BaseCandidate[];
}

/** All that is known of an image but its files one by one, in the form of the published schema (schema/inspect.schema.json). */
export function reportOn(view: ImageView, { name, bases = [] }: ReportOptions): InspectSummary {
  const packages = packagesOf(view);
  const waste = measureWaste(view.tree);
  return {
    schemaVersion: 1,
    image: reportImage(view.image, name),
    system: describeSystem(view, packages),
    base: recogniseBase(view.image, bases),
    totals: reportTotals(view),
    layers: reportLayers(view, waste, bases),
    history: reportHistory(view.image),
    efficiency: reportEfficiency(view, waste),
    duplicates: reportDuplicates(view),
    largest: findLargest(view),
    packages: packages.map(reportPackage),
    ...reportFindings(view),
    programs: reportPrograms(view),
    flaws: view.tree.flaws.map(({ layer, path, flaw }) => ({ layer, path: absolute(path), flaw })),
  };
}

/** The files of an image one by one, folders before what is in them, in the form of the published schema. */
export function* reportFiles(view: ImageView): Generator<ReportedFile> {
  const { tree } = view;
  const owners = ownersOf(packagesOf(view).map(({ installed }) => installed));
  for (const id of tree.walk()) {
    const { path, type, mode, uid, gid, size, mtime, linkName, digest, xattrs } = tree.file(id);
    yield {
      path: absolute(path),
      type,
      mode: octal(mode),
      uid,
      gid,
      size,
      mtime: formatDate(mtime),
      layer: tree.layer(id),
      target: linkName === '' ? undefined : type === 'hardlink' ? absolute(linkName) : linkName,
      digest,
      xattrs: xattrs && base64Of(xattrs),
      package: owners.get(path)?.purl,
    };
  }
}

function base64Of(values: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  );
}

function reportEfficiency(
  { contents }: ImageView,
  { storedBytes, wastedBytes, efficiency, paths }: ReturnType<typeof measureWaste>,
): InspectSummary['efficiency'] {
  const { inefficientFiles, wastedUserPercent, ...dive } = measureDive(contents.layers);
  return {
    storedBytes,
    wastedBytes,
    efficiency,
    wasted: paths.map(({ path, ...rest }) => ({ path: absolute(path), ...rest })),
    dive: { ...dive, wastedUserPercent, inefficientFiles: inefficientFiles.map((file) => ({ ...file })) },
  };
}

function reportDuplicates({ tree }: ImageView): InspectSummary['duplicates'] {
  const groups = findDuplicates(tree);
  return {
    bytes: groups.reduce((sum, group) => sum + wasteOf(group), 0),
    groups: groups.slice(0, MAX_GROUPS).map(({ size, ids }) => ({
      digest: tree.file(ids[0] ?? 0).digest ?? '',
      size,
      paths: ids.map((id) => absolute(tree.path(id))),
    })),
  };
}

function reportPackage({ installed, files, size }: MeasuredPackage): InspectSummary['packages'][number] {
  const { type, name, version, architecture, purl, source, licences, summary, partial, path, member } =
    installed;
  return {
    type,
    name,
    version,
    architecture,
    purl,
    source: source && { ...source },
    licences: [...licences],
    summary,
    partial: partial ?? false,
    path: absolute(path),
    member,
    layer: installed.layer,
    files,
    size,
    declaredSize: installed.installedSize,
  };
}
