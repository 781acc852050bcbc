import type { Lockfile } from '../resolve/index.ts';
import type { Archives } from './archives.ts';
import { DEFAULT_COMPRESSION, ImageBuilder, type ImageOptions } from './image.ts';
import type { ImageSpec } from './image-spec.ts';
import type { Pool } from './pool.ts';
import { Segments } from './segments.ts';
import type { Workspace } from './workspace.ts';

/** What composing images works with. */
export interface BuildTools {
  readonly workspace: Workspace;
  readonly archives: Archives;
  readonly pool: Pool;
}

/** What makes images of plans, with segments made in the pool of packages from the archives. */
export function createBuilder(
  images: readonly ImageSpec[],
  lockfile: Lockfile,
  options: ImageOptions,
  tools: BuildTools,
): { builder: ImageBuilder; segments: Segments } {
  const { workspace, archives, pool } = tools;
  const segments = new Segments(workspace.store, pool, options.compression ?? DEFAULT_COMPRESSION);
  const noted = new Set<string>();
  const onNote = (what: string): void => {
    if (!noted.has(what)) workspace.onProgress({ kind: 'note', what });
    noted.add(what);
  };
  const builder = new ImageBuilder(
    workspace.store,
    workspace.bases,
    segments,
    options,
    archives.fetcher(images, lockfile),
    onNote,
  );
  return { builder, segments };
}
