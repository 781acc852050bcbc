export { build, type BuildOptions, type BuildReport, type BuildResult } from './build.ts';
export { Catalogue } from './catalogue.ts';
export type { PackedApplication } from './app/applications.ts';
export { SeveralKinds } from './app/several-kinds.ts';
export { defineAppImage, explainApplication, type PackSettings, writeAppDockerfile } from './pack.ts';
export type { LoadedDefinition } from './image-spec.ts';
export type { ImageOptions } from './image.ts';
export type { ConfigSpec } from './config-spec.ts';
export { isUser } from './config-rules.ts';
export { isDuration, isProbeUrl } from './healthcheck.ts';
export type { ImageSpec, Level, PackageSpec, VariantSpec } from './image-spec.ts';
export { loadImage, type LoadedImage, type LoadOptions, type LoadSink, openLoadSink } from './load.ts';
export { lockImages, type LockOptions, type LockReport } from './lock-images.ts';
export { openLocations, type Locations } from './open-locations.ts';
export { openWorkspace, type WorkspaceOptions } from './open-workspace.ts';
export { rebaseImage, type RebaseContext, type RebaseOptions } from './rebase.ts';
export { type BaseAnnotations, readBaseAnnotations } from './rebase-annotations.ts';
export type { RebaseCheck, RebasedPlatform, RebaseFinding, RebaseReport } from './rebase-report.ts';
export { show, type ShowOptions, type ShownFile, type ShownImage, type ShownPackage } from './show.ts';
export {
  update,
  type UpdatedBase,
  type UpdatedImage,
  type UpdatedPlatform,
  type UpdateOptions,
  type UpdateReport,
} from './update.ts';
export type { ChangedVersion, ChangePlace, Holdings, PackageChange } from './update-changes.ts';
export type { UpdatedSource } from './update-sources.ts';
export type { ArchiveOptions, Progress, Workspace } from './workspace.ts';
