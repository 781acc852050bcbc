/** What the build of a Dockerfile sees of a project. */
export interface BuildContext {
  /** Permissions of each file; undefined for a link. */
  readonly files: ReadonlyMap<string, number | undefined>;
  /** Permissions of each folder, and whether there is anything in it that is no file of the project, nor above one. */
  readonly folders: ReadonlyMap<string, { readonly mode: number; readonly hasMore: boolean }>;
  /** Names of all files in archives of which some go into the image. */
  readonly members: ReadonlyMap<string, readonly string[]>;
}

/** A stage that builds or installs what the project holds built or installed. */
export interface BuildStage {
  /** Reference of its image. */
  readonly image: string;
  /** Instructions. */
  readonly lines: readonly string[];
  /** What a file of the project is a part of, if the stage makes it. */
  readonly outputOf: (path: string) => BuildOutput | undefined;
}

/** A file or folder that a stage makes. */
export interface BuildOutput {
  /** Where the project has it. */
  readonly path: string;
  /** Where the stage has it, absolute. */
  readonly at: string;
}

/** What the image is put on. */
export interface DockerfileBase {
  /** For FROM, such as `oci:images:static-debian13:latest`. */
  readonly reference: string;
  /** Its name in the catalogue, such as `nodejs24-debian13`. */
  readonly name: string;
  /** How the image is made or found, a line for a comment. */
  readonly origin: string;
  /** Code name of the release of Debian whose packages it has. */
  readonly suite: string;
  /** Variables, labels, ports and volumes that it has already. */
  readonly settings: ImageSettings;
}

/** The configuration of an image, as far as a Dockerfile sets it. */
export interface ImageSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly healthcheck?: Healthcheck;
}

/** As the configuration has it; times in nanoseconds (Docker image specification 1.2, `Healthcheck`). */
export interface Healthcheck {
  /** `CMD` and a command, `CMD-SHELL` and a line, or `NONE`. */
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}

/** A program that is no file of the project. */
export interface AddedProgram {
  /** Absolute path in the image. */
  readonly path: string;
  readonly content: Uint8Array;
}
