export type {
  ImageSink,
  ImageSource,
  ListedArtifact,
  LocationContext,
  NamedArtifact,
  WriteOptions,
  WriteReport,
  Writer,
} from './contract.ts';
export { parseLocation, type EngineLocation, type FileLocation, type Location } from './location.ts';
export { platformName } from './names.ts';
export { openSink, openSource } from './open.ts';
