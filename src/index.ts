/**
 * pith as a library: the chain that the command line runs, with everything from outside passed in.
 *
 * @example
 * import { build, openWorkspace } from 'pith';
 *
 * const report = await build(
 *   { targets: ['static-debian13:nonroot'], platforms: ['linux/amd64'], outputs: ['oci:images'] },
 *   openWorkspace({ env: process.env }),
 * );
 * console.log(report.images[0].digest);
 */
export {
  build,
  Catalogue,
  lockImages,
  openWorkspace,
  show,
  update,
  type ArchiveOptions,
  type BuildOptions,
  type BuildReport,
  type BuildResult,
  type ChangedVersion,
  type ChangePlace,
  type ConfigSpec,
  type Holdings,
  type ImageOptions,
  type ImageSpec,
  type Level,
  type LockOptions,
  type LockReport,
  type PackageChange,
  type PackageSpec,
  type Progress,
  type ShowOptions,
  type ShownFile,
  type ShownImage,
  type ShownPackage,
  type UpdatedBase,
  type UpdatedImage,
  type UpdatedPlatform,
  type UpdatedSource,
  type UpdateOptions,
  type UpdateReport,
  type VariantSpec,
  type Workspace,
  type WorkspaceOptions,
} from './build/index.ts';
export { PithError, type ErrorCode } from './core/index.ts';
export {
  openSource,
  parseLocation,
  type ImageSink,
  type ImageSource,
  type Location,
  type WriteReport,
} from './location/index.ts';
