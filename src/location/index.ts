export { findBlob } from './blobs.ts';
export { copyAll, copyArtifact, type CopyAllOptions, type CopyOptions } from './copy.ts';
export { detectLocation } from './detect.ts';
export type {
  ImageSink,
  ImageSource,
  ListedArtifact,
  LocationContext,
  NamedArtifact,
  OpenOptions,
  WriteOptions,
  WriteReport,
  Writer,
} from './contract.ts';
export { runInSandbox, whyNoSandbox } from './engine/bubblewrap.ts';
export { type BackgroundContainer, startContainer } from './engine/background.ts';
export type { OnSignal } from './engine/command.ts';
export type { ContainerOptions, Runner } from './engine/container.ts';
export { runPrepared } from './engine/prepared.ts';
export { findRunner, runContainer, storageOf } from './engine/run.ts';
export { mayBeRoot } from './engine/user.ts';
export {
  formatLocation,
  isLocation,
  parseLocation,
  type EngineLocation,
  type FileLocation,
  type Location,
  type RegistryLocation,
} from './location.ts';
export { platformName } from './names.ts';
export { openRegistry, openSink, openSource } from './open.ts';
export { parseDockerReference } from './reference.ts';
export type { RegistryClient } from './registry/client.ts';
export { listLogins, logIn, logOut, type LoginOptions } from './registry/login.ts';
export type { Login } from './registry/auth/helper.ts';
export type { KnownLogin } from './registry/auth/list.ts';
export type { LoginReport, LogoutReport } from './registry/auth/login.ts';
export { anonymous, type Credential, type CredentialSource } from './registry/credentials.ts';
export type { FetchedManifest } from './registry/manifests.ts';
export { parseRegistryReference, type RegistryReference } from './registry/reference.ts';
export type { ReadContext, RegistrySettings } from './registry/settings.ts';
