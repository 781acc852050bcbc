import type { Digest } from '../core/index.ts';
import type { AnyArtifact, Artifact, Descriptor, Platform } from '../oci/index.ts';
import type { ReadContext } from './registry/settings.ts';

/** An artifact with the names that it is to be found by, such as `cc-debian13:latest`. */
export interface NamedArtifact {
  readonly names: readonly string[];
  readonly artifact: AnyArtifact;
}

export interface WriteOptions {
  /** Which image of an index gets the plain name where a name can stand for one platform only; the first if absent. */
  readonly defaultPlatform?: Platform;
}

export interface WriteReport {
  /** The location as it is written. */
  readonly location: string;
  /** What each name now stands for, in the order of writing. */
  readonly names: readonly { readonly name: string; readonly digest: Digest }[];
  /** Blobs that were written, with manifests and configurations. */
  readonly blobsWritten: number;
  /** Blobs that were there already. */
  readonly blobsReused: number;
  readonly bytesWritten: number;
}

export interface ImageSink {
  /**
   * Looks whether there is something that would keep any image from being written, before work is put into one.
   * @throws OUTPUT_EXISTS, OUTPUT_FAILED, ENGINE_MISSING
   */
  check(): Promise<void>;
  /**
   * Writes all artifacts under their names, or none: what fails leaves the location as it was.
   * @throws USAGE, OUTPUT_EXISTS, OUTPUT_FAILED, DISK_FULL, CACHE_CORRUPT, IMAGE_INVALID, ENGINE_MISSING, ENGINE_FAILED
   */
  write(artifacts: readonly NamedArtifact[], options?: WriteOptions): Promise<WriteReport>;
  /**
   * The report of a write that has nothing to do, if this name stands for this digest already. Absent where that is not
   * quickly known.
   */
  unchanged?(name: string | undefined, digest: Digest): Promise<WriteReport | undefined>;
}

/** What a source holds under one digest. */
export interface ListedArtifact {
  readonly names: readonly string[];
  readonly digest: Digest;
}

export interface OpenOptions {
  /** The platforms of an index that are wanted, all unless told: one gives its image, several a new index of theirs. */
  readonly platforms?: readonly Platform[];
}

export interface ImageSource {
  /** What can be opened, in the order of the source. */
  list(): Promise<readonly ListedArtifact[]>;
  /** The descriptor of what a name stands for, or without one of the only artifact. @throws as open */
  resolve(reference?: string): Promise<Descriptor>;
  /**
   * Opens the artifact of a name, or without one the only artifact. Manifests and configurations are verified here,
   * layers while they are read.
   * @throws UNKNOWN_IMAGE, UNKNOWN_PLATFORM, IMAGE_INVALID
   */
  open(reference?: string, options?: OpenOptions): Promise<Artifact>;
  /** As open, of an artifact of any kind. */
  openAny(reference?: string, options?: OpenOptions): Promise<AnyArtifact>;
  /** Opens everything whose `subject` is the manifest of a digest (distribution-spec 1.1, "Listing Referrers"). */
  referrers(digest: Digest): Promise<readonly AnyArtifact[]>;
}

/** The process that writes, so that others can tell whether it still lives. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
  /** Whether a process of this machine lives. */
  isAlive(pid: number): boolean;
}

/** What locations need of the world around them. */
export interface LocationContext extends ReadContext {
  readonly writer: Writer;
}
