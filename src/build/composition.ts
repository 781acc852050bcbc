import type { FileTree, LibraryOptions, MissingLibrary, ScriptEffect } from '../rootfs/index.ts';
import type { NamedSegment } from './layers.ts';

/** What an image comes to once its levels are applied, and where each of its files comes from. */
export interface Composition {
  readonly tree: FileTree;
  readonly segments: readonly NamedSegment[];
  /** What programs and libraries need and would not find. */
  readonly missing: readonly MissingLibrary[];
  /** How the loader of the image searches. */
  readonly libraries: LibraryOptions;
  /** Bytes of the files of the image below, 0 without one. */
  readonly unpackedBelow: number;
  /** What maintainer scripts would do beyond what is derived. */
  readonly scripts: readonly ScriptEffect[];
}
