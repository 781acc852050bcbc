import {
  type DiffReport,
  type ImageView,
  type InspectSummary,
  type MeasuredPackage,
  packagesOf,
} from '../../inspect/index.ts';
import type { PageData, PagePackage } from '../../page/index.ts';
import { VERSION } from '../version.ts';
import { pageImage, pagePackage } from './page-image.ts';
import { pageTables } from './page-tables.ts';
import { pageDiffTree, pageTree } from './page-tree.ts';

/** What `pith inspect --html` shows. */
export function inspectPage(view: ImageView, report: InspectSummary): PageData {
  const packages = packagesOf(view);
  return {
    version: VERSION,
    image: pageImage(view, report),
    tree: pageTree(
      view,
      packages.map(({ installed }) => installed),
    ),
    packages: packages.map(pagePackage),
    tables: pageTables(report),
  };
}

/** An image of a difference: what is in it, and the report on it. */
export interface PageSide {
  readonly view: ImageView;
  readonly report: InspectSummary;
}

/** What `pith diff --html` shows. */
export function diffPage(before: PageSide, after: PageSide, { packages: changes }: DiffReport): PageData {
  const now = packagesOf(after.view);
  const old = packagesOf(before.view);
  const gone = old.filter((one) =>
    changes.some((change) => change.change === 'removed' && isOf(change, one, change.before)),
  );
  const all = [...now, ...gone];
  return {
    version: VERSION,
    image: pageImage(after.view, after.report),
    before: pageImage(before.view, before.report),
    tree: pageDiffTree(
      before.view,
      after.view,
      all.map(({ installed }) => installed),
    ),
    packages: all.map((one, at) => changed(one, at < now.length, changes)),
  };
}

/** A package with what became of it. */
function changed(one: MeasuredPackage, isThere: boolean, changes: DiffReport['packages']): PagePackage {
  const change = changes.find((some) => isOf(some, one, isThere ? some.version : some.before));
  if (!change) return pagePackage(one);
  return {
    ...pagePackage(one),
    change: change.change,
    ...(change.before === undefined ? {} : { versionBefore: change.before }),
    ...(change.sizeBefore === undefined ? {} : { sizeBefore: change.sizeBefore }),
  };
}

function isOf(
  change: DiffReport['packages'][number],
  { installed }: MeasuredPackage,
  version: string | undefined,
): boolean {
  const { type, name, architecture } = change;
  return (
    installed.type === type &&
    installed.name === name &&
    installed.architecture === architecture &&
    installed.version === version
  );
}
