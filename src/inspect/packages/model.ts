/** A package as a database or manifest in the image tells of it. Plain data: it goes through JSON. */
export interface FoundPackage {
  /** As the type of a package URL (purl-spec, PURL-TYPES). */
  readonly type: 'deb' | 'apk' | 'rpm' | 'npm' | 'pypi' | 'maven' | 'golang';
  /** With its namespace as the ecosystem writes it: `@scope/name`, `group:artifact`, `github.com/a/b`. */
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** The source package, where it is another one. */
  readonly source?: { readonly name: string; readonly version: string };
  /** As declared: SPDX expressions or the ecosystem's own words; empty if nothing is said. */
  readonly licences: readonly string[];
  readonly summary?: string;
  /** Bytes, as the package declares them. */
  readonly installedSize?: number;
  /** Package URL without qualifiers that depend on the distribution. */
  readonly purl: string;
  /** Only a part of it is in the image, and says so. */
  readonly partial?: boolean;
  /** The files it owns, where the database itself lists them (apk, rpm, Python's RECORD). */
  readonly files?: readonly OwnedFile[];
  /** Where in the file that tells of it, if that is an archive: `BOOT-INF/lib/a.jar` in a jar with jars in it. */
  readonly member?: string;
}

/** A package of an image: what all its files say of it together. */
export interface InstalledPackage extends FoundPackage {
  /** The file that tells of it. */
  readonly path: string;
  /** Number of the layer that has this file, from 0. */
  readonly layer: number;
  /** Each path once; folders are left out where that is known. */
  readonly files: readonly OwnedFile[];
}

/** A file that a package says is its own. */
export interface OwnedFile {
  /** In the image, without a slash at either end. */
  readonly path: string;
  /** MD5 of the content in hex, where the package states it. */
  readonly md5?: string;
  /** SHA-256 of the content in hex, where the package states it. */
  readonly sha256?: string;
  /** Users are expected to change it. */
  readonly configuration?: boolean;
}

export interface OwnedFiles {
  readonly type: FoundPackage['type'];
  /** Name of the package, with `:ARCHITECTURE` where the database writes it. */
  readonly package: string;
  readonly files: readonly OwnedFile[];
}
