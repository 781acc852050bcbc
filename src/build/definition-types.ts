import type { ApplicationKind } from '../app/index.ts';
import type { Policy } from '../policy/index.ts';
import type { DiskTree } from './disk-tree.ts';

/** A definition as a file holds it, validated (docs/definitions.md). */
export interface Definition<File = FileDefinition> extends Layered<File> {
  readonly name: string;
  readonly description?: string | undefined;
  readonly extends?: string | undefined;
  /** An application that is put on what it extends, or on the smallest image of the catalogue that runs it. */
  readonly app?: string | AppDefinition | undefined;
  readonly abstract?: true | undefined;
  readonly distribution?: string | undefined;
  readonly suites?: readonly SuiteDefinition[] | undefined;
  readonly mirrors?: Readonly<Record<string, string>> | undefined;
  readonly keys?: readonly string[] | undefined;
  /** Whether what the packages of this file depend on comes too; true unless told. */
  readonly dependencies?: boolean | undefined;
  /** Whether byte code of all Python modules is added. */
  readonly bytecode?: boolean | undefined;
  readonly mergedUsr?: boolean | undefined;
  readonly contents?: ContentsDefinition | undefined;
  readonly platforms?: readonly string[] | undefined;
  readonly users?: readonly UserDefinition[] | undefined;
  readonly groups?: readonly GroupDefinition[] | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly volumes?: readonly string[] | undefined;
  readonly stopSignal?: string | undefined;
  /** How an engine finds out whether the application is well; `false`: not at all, whatever is inherited. */
  readonly healthcheck?: HealthcheckDefinition | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** For `pith check`, in the folder of this file. */
  readonly check?: Policy | undefined;
  readonly variants?: Readonly<Record<string, VariantDefinition<File>>> | undefined;
}

/** What a definition and each of its variants may set. */
interface Layered<File> {
  readonly packages?: readonly PackageRequest[] | undefined;
  /** Names of packages, `*` for any letters, that are left out although others depend on them. */
  readonly omit?: readonly string[] | undefined;
  readonly files?: readonly File[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly entrypoint?: readonly string[] | undefined;
  readonly cmd?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface VariantDefinition<File = FileDefinition> extends Layered<File> {
  readonly extends?: readonly string[] | undefined;
}

/** A name, `name/suite`, either with a version, `npm:NAME@RANGE`, or more about it. */
export type PackageRequest =
  | string
  | {
      readonly name: string;
      readonly dependencies?: boolean | undefined;
      readonly contents?: ContentsDefinition | undefined;
      /** Folder of the image for the files of an npm package. */
      readonly into?: string | undefined;
      readonly move?: Readonly<Record<string, string>> | undefined;
      readonly applets?: boolean | undefined;
    };

/** Patterns of paths. */
export interface ContentsDefinition {
  readonly drop?: readonly string[] | undefined;
  readonly keep?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
}

/** A file with exactly one of from, content, link and folder. */
export interface FileDefinition {
  /** Absent only for a certificate. */
  readonly to?: string | undefined;
  /** Path of a file or folder of the disk. */
  readonly from?: string | undefined;
  /** Patterns of what is not taken of a folder. */
  readonly ignore?: readonly string[] | undefined;
  readonly content?: string | undefined;
  readonly link?: string | undefined;
  readonly folder?: true | undefined;
  /** Whether the file is a certificate to be trusted, or the folder one of certificates. */
  readonly certificate?: true | undefined;
  /** Octal. */
  readonly mode?: string | undefined;
  /** `UID:GID` or the name of a user. */
  readonly owner?: string | undefined;
  /** RFC 3339, or `source` for the time that the file has on the disk. */
  readonly time?: string | undefined;
}

/** A file of a definition that was loaded. */
export interface FileSpec extends FileDefinition {
  /** The folder of the definition: `from` is relative to it, and may not lead out of it. */
  readonly project: string;
  /** What is taken of the disk, where that was found out already. */
  readonly tree?: DiskTree;
  /** The only platform that it is for, such as `linux/arm64`; all unless told. */
  readonly platform?: string;
}

/** What application an image is for. */
export interface AppDefinition {
  /** A folder or file, relative to the definition. */
  readonly path: string;
  readonly kind?: ApplicationKind | undefined;
  /** The file that runs, relative to the application. */
  readonly main?: string | undefined;
  /** The program for each platform, in place of `path`. */
  readonly binaries?: Readonly<Record<string, string>> | undefined;
}

/** The address of a server in the container, a command in exec form, or one of them with more about it. */
export type HealthcheckDefinition =
  | string
  | readonly string[]
  | false
  | {
      readonly test?: readonly string[] | undefined;
      readonly url?: string | undefined;
      /** Times such as `30s`. */
      readonly interval?: string | undefined;
      readonly timeout?: string | undefined;
      readonly startPeriod?: string | undefined;
      readonly retries?: number | undefined;
    };

export interface SuiteDefinition {
  readonly archive: 'debian' | 'debian-security';
  readonly suite: string;
  readonly components?: readonly string[] | undefined;
  readonly pinned?: boolean | undefined;
}

interface UserDefinition {
  readonly name: string;
  readonly uid: number;
  readonly gid?: number | undefined;
  readonly home?: string | undefined;
  readonly shell?: string | undefined;
  readonly createHome?: boolean | undefined;
}

interface GroupDefinition {
  readonly name: string;
  readonly gid: number;
  readonly members?: readonly string[] | undefined;
}
