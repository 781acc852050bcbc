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
 *
 * @example
 * import { Checker, ImageView, imagesOf, loadReaders, openSource, parseLocation, readImage, READERS_VERSION } from 'pith';
 *
 * const [image] = imagesOf(await openSource(parseLocation('oci:images:static-debian13')).open());
 * const view = new ImageView(await readImage(image, { readers: loadReaders, version: READERS_VERSION }));
 * const now = Date.now() / 1000;
 * const { findings } = new Checker({}, now).check({ view, context: { now } });
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
export {
  Checker,
  RULES,
  type CheckedImage,
  type CheckReport,
  type Finding,
  type Rule,
} from './check/index.ts';
export { PithError, type ErrorCode } from './core/index.ts';
export {
  ImageTree,
  ImageView,
  loadReaders,
  readImage,
  READERS_VERSION,
  type Fact,
  type FileEntry,
  type ImageContents,
  type ImageReading,
  type LayerContents,
  type LayerMemory,
} from './inspect/index.ts';
export {
  openSource,
  parseLocation,
  type ImageSink,
  type ImageSource,
  type Location,
  type WriteReport,
} from './location/index.ts';
export { imagesOf, type Artifact, type Image, type ImageIndex, type Layer } from './oci/index.ts';
export {
  openTestedImage,
  parseTestFile,
  runTests,
  type TestFile,
  type TestResult,
} from './structure/index.ts';
