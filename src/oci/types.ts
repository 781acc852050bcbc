import type { Digest } from '../core/index.ts';

type Texts = Readonly<Record<string, string>>;
type Keys = Readonly<Record<string, Readonly<Record<string, never>>>>;

/** OCI image-spec 1.1, image-index.md, "platform". */
export interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

/** OCI image-spec 1.1, descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Texts;
  readonly data?: string;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

/** OCI image-spec 1.1, manifest.md. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Texts;
}

/** OCI image-spec 1.1, image-index.md. */
export interface IndexManifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Texts;
}

/** OCI image-spec 1.1, config.md: `config`, what a container is started with. */
export interface RunConfig {
  readonly User?: string;
  readonly ExposedPorts?: Keys;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Keys;
  readonly WorkingDir?: string;
  readonly Labels?: Texts;
  readonly StopSignal?: string;
  readonly Healthcheck?: Healthcheck;
}

/** Docker image specification 1.2, "Image JSON Field Descriptions", `Healthcheck`; times in nanoseconds. */
export interface Healthcheck {
  /** `CMD` and a command, `CMD-SHELL` and a line, or `NONE`. */
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}

/** OCI image-spec 1.1, config.md: `history`; an entry with `empty_layer` has no layer. */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** OCI image-spec 1.1, config.md. Members that it does not name are kept as they were read. */
export interface ImageConfig extends Platform {
  /** RFC 3339, section 5.6. */
  readonly created?: string;
  readonly author?: string;
  readonly config?: RunConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly HistoryEntry[];
}
