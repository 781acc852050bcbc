import type { Digest } from '../core/index.ts';
import type { ElfInfo } from '../rootfs/index.ts';

/** A file of a project; folders are those above its files. */
export interface ProjectFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly type: 'file' | 'symlink';
  /** Bytes; 0 of a link. */
  readonly size: number;
  readonly isExecutable: boolean;
  /** Of a link, as it stands there. */
  readonly target: string;
  /** Whether git leaves it out: what was built or installed, but also what is nobody's business. */
  readonly isIgnoredByGit: boolean;
  /** Of what `.dockerignore` names: whose installed dependency it is, if it may be one. Only such applications see it. */
  readonly dependencyOf?: ApplicationKind;
}

/**
 * What is packed: one file, or a folder without what `.dockerignore` leaves out. Detectors read nothing else, and believe
 * nothing that they read.
 */
export interface Project {
  /** The last part of its path, such as `server`. */
  readonly name: string;
  /** The only file, if it is no folder. */
  readonly single: string | undefined;
  /** In the order of paths. */
  readonly files: ReadonlyMap<string, ProjectFile>;
  /**
   * Bytes of a file.
   * @param range the whole file unless told; what lies behind its end is left out
   * @throws PithError APP_INVALID if it cannot be read, or is larger than 64 MiB and no range is given
   */
  read(path: string, range?: { readonly start: number; readonly length: number }): Promise<Uint8Array>;
  /** What an ELF file says to the loader, undefined for any other file. */
  elf(path: string): Promise<ElfInfo | undefined>;
}

export type ApplicationKind = 'native' | 'nodejs' | 'python' | 'java' | 'files';

/** What the files of a project come to: what runs, what it needs, and what goes where. */
export interface Application {
  readonly kind: ApplicationKind;
  /** In words: `Go program`, `Node.js application (Next.js standalone)`. */
  readonly title: string;
  /** What showed it, each a line for people: `package.json: "main" is server.js`. */
  readonly evidence: readonly string[];
  /** From what changes least to what changes most. */
  readonly layers: readonly AppLayer[];
  readonly needs: AppNeeds;
  readonly config: AppConfig;
  /** Whether another platform gets other files: it was detected for the one that was asked for. */
  readonly isForPlatform?: boolean;
  /** What the user should know, though it does not keep the application from being packed. */
  readonly notes: readonly string[];
}

/** Files that change together. */
export interface AppLayer {
  /** `dependencies`, `resources`, `application` … */
  readonly name: string;
  /** Paths of the project by absolute paths in the image. */
  readonly files: ReadonlyMap<string, AppSource>;
}

/** Where the content of a file of the image is. */
export interface AppSource {
  /** Path in the project. */
  readonly path: string;
  /** A member of the archive at that path (a jar), in place of the file itself. */
  readonly member?: string;
  /** That the content has to have, where the application says so. */
  readonly digest?: Digest;
  /** Octal permissions in place of 0644, or 0755 for what is executable. */
  readonly mode?: number;
}

/** What an image has to bring. */
export interface AppNeeds {
  readonly runtime?: RuntimeNeed;
  /** Paths of the project: programs and libraries whose interpreter, libraries and symbol versions have to be there. */
  readonly binaries: readonly string[];
  /** Names of shared libraries that are opened while it runs, such as `libvips.so.42`, with who opens them. */
  readonly libraries: readonly { readonly soname: string; readonly because: string }[];
  /** Whether it speaks TLS to others as a client, or shows local times, as far as its content tells. */
  readonly certificates: boolean;
  readonly timeZones: boolean;
}

/** An interpreter of a version. */
export interface RuntimeNeed {
  readonly name: 'nodejs' | 'python3' | 'java';
  /** In words, with where it is said: `>=20 (engines of package.json)`; `any`. */
  readonly wanted: string;
  /** @param version `24` of Node.js and Java, `3.13` of Python */
  readonly accepts: (version: string) => boolean;
  /** Where a release matters: `24.21.0`, `3.13.5`. */
  readonly acceptsRelease?: (release: string) => boolean;
}

export interface AppConfig {
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  readonly workdir?: string;
  readonly env: Readonly<Record<string, string>>;
  /** `8080/tcp` */
  readonly ports: readonly string[];
  readonly stopSignal?: string;
  /** Labels and annotations, such as org.opencontainers.image.version. */
  readonly labels: Readonly<Record<string, string>>;
  /** Folders that it writes to. */
  readonly writable: readonly string[];
}

/** What the user says about an application; what is not said is found. */
export interface AppRequest {
  readonly kind?: ApplicationKind;
  /** The file that runs, relative to the project, where several could. */
  readonly main?: string;
  /** What it is for, where that decides which files are packed: `linux/amd64`. */
  readonly platform?: string;
}

/**
 * Looks whether a project is an application of a kind.
 * @returns undefined if it is not
 * @throws PithError APP_INVALID for one that cannot run: why, and what to do
 */
export type Detector = (project: Project, request: AppRequest) => Promise<Application | undefined>;
