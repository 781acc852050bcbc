import type { ContentsRules, Group, User } from '../rootfs/index.ts';
import type { BaseSpec } from './bases.ts';
import type { ConfigSpec } from './config-spec.ts';
import type { Definition, FileSpec, SuiteDefinition } from './definition-types.ts';

/** A package as a definition asks for it. */
export interface PackageSpec extends PackageForm {
  /** `libpq5`, `libpq5/trixie-backports`, either with a version; `npm:NAME@RANGE`. */
  readonly request: string;
  /** Whether what it depends on comes too. */
  readonly follow: boolean;
}

/** What becomes of a package's files in the image. */
export interface PackageForm {
  readonly contents: ContentsRules;
  readonly move: Readonly<Record<string, string>>;
  readonly applets: boolean;
  /** Folder of the image for the files of an npm package. */
  readonly into?: string;
}

/**
 * What one concrete definition (or variant) adds: its packages become layers of their own, its files and what is derived
 * one more. Images that extend each other share the levels, and so the layers, of what they extend.
 */
export interface Level {
  readonly name: string;
  readonly packages: readonly PackageSpec[];
  /** The rules for packages that come as dependencies. */
  readonly contents: ContentsRules;
  /** Names of packages, `*` for any letters, that are left out although others depend on them. */
  readonly omit: readonly string[];
  /** Whether byte code of the Python modules up to here is added. */
  readonly bytecode: boolean;
  readonly files: readonly FileSpec[];
  readonly users: readonly User[];
  readonly groups: readonly Group[];
}

/** Whether a lockfile has something to hold of a level. */
export function hasPackages({ packages }: Level): boolean {
  return packages.length > 0;
}

/** A definition with everything that it extends, as one value. */
export interface ImageSpec {
  readonly name: string;
  /** Absolute path of the definition, where it is not one of the catalogue. */
  readonly file?: string;
  readonly description: string;
  readonly distribution: string;
  readonly suites: readonly SuiteDefinition[];
  readonly mirrors: Readonly<Record<string, string>>;
  /** Paths of key files. */
  readonly keys: readonly string[];
  readonly mergedUsr: boolean;
  readonly platforms: readonly string[];
  /** The image that the first level lies on. */
  readonly base?: BaseSpec;
  readonly levels: readonly Level[];
  readonly config: ConfigSpec;
  readonly annotations: Readonly<Record<string, string>>;
  readonly variants: Readonly<Record<string, VariantSpec>>;
  /** The definition of an application, which is still to be put in. */
  readonly app?: LoadedDefinition;
}

/** A variant: at most one level on top of the image's, and the configuration that results. */
export interface VariantSpec {
  readonly levels: readonly Level[];
  readonly config: ConfigSpec;
}

/** A definition and where its relative paths start. */
export interface LoadedDefinition {
  readonly definition: Definition<FileSpec>;
  readonly path: string;
  /** Whether the definition is one of the catalogue. */
  readonly isNamed: boolean;
  readonly resolvePath: (path: string) => string;
  /** The image that the definition extends, where that is none of a definition. */
  readonly base?: BaseSpec;
}
