import type { Digest } from '../core/index.ts';
import type { CachedName, ElfInfo, Hardening } from '../rootfs/index.ts';
import type { FoundPackage, OwnedFiles } from './packages/model.ts';

/** Something found in the content of one file. Plain data: it goes through JSON. */
export type Fact =
  | ElfFact
  | ScriptFact
  | PackagesFact
  | OwnedFilesFact
  | LicencesFact
  | CertificatesFact
  | SecretsFact
  | AccountsFact
  | GroupsFact
  | PasswordsFact
  | OsReleaseFact
  | ToolFact
  | WishesFact
  | LibraryFoldersFact
  | LibraryCacheFact;

/** A program or shared object. */
export interface ElfFact {
  readonly kind: 'elf';
  readonly elf: ElfInfo;
  readonly hardening: Hardening;
  /** Neither the table of symbols nor debugging information is in the file, which `strip` removes. */
  readonly stripped: boolean;
}

/** A text that names its interpreter in the first line. */
export interface ScriptFact {
  readonly kind: 'script';
  /** What stands behind `#!` without the blanks around it: `/usr/bin/env -S node`; `/bin/sh\r` where a line ends as on Windows. */
  readonly interpreter: string;
}

/** A database or a manifest of packages. */
export interface PackagesFact {
  readonly kind: 'packages';
  readonly packages: readonly FoundPackage[];
}

/** The files of one package, where its database keeps them apart (dpkg's `.list`, `.md5sums`). */
export interface OwnedFilesFact {
  readonly kind: 'owned-files';
  readonly owned: OwnedFiles;
}

/** The licences that a package's copyright file names (`usr/share/doc/NAME/copyright`). */
export interface LicencesFact {
  readonly kind: 'licences';
  readonly package: string;
  /** SPDX identifiers where the text's own words have one, else these words. */
  readonly licences: readonly string[];
}

/** Certificates of a PEM or DER file, or a Java keystore. */
export interface CertificatesFact {
  readonly kind: 'certificates';
  readonly certificates: readonly CertificateFacts[];
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isAuthority: boolean;
  /** SHA-256 of the DER form. */
  readonly fingerprint: Digest;
}

/** Private keys and tokens. The secret itself is never kept. */
export interface SecretsFact {
  readonly kind: 'secrets';
  readonly secrets: readonly FoundSecret[];
}

export interface FoundSecret {
  /** A stable word: `private-key`, `aws-access-key`, `github-token`, `npm-token`, `docker-auth` … */
  readonly type: string;
  /** Line from 1. */
  readonly line: number;
  /** Enough to find it, never enough to use it: `ghp_…(40 characters)`. */
  readonly hint: string;
}

/** `etc/passwd`. */
export interface AccountsFact {
  readonly kind: 'accounts';
  readonly accounts: readonly Account[];
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** The password field is empty: anybody may log in. */
  readonly emptyPassword: boolean;
}

/** `etc/group`. */
export interface GroupsFact {
  readonly kind: 'groups';
  readonly groups: readonly {
    readonly name: string;
    readonly gid: number;
    readonly members: readonly string[];
  }[];
}

/** `etc/shadow`: who has a password, and who has an empty one. No hash is kept. */
export interface PasswordsFact {
  readonly kind: 'passwords';
  readonly passwords: readonly { readonly name: string; readonly state: 'empty' | 'locked' | 'set' }[];
}

/** os-release(5). */
export interface OsReleaseFact {
  readonly kind: 'os-release';
  readonly values: Readonly<Record<string, string>>;
}

/** A program that a distroless image should not have, recognised by its content. */
export interface ToolFact {
  readonly kind: 'tool';
  /** `busybox` is a shell. */
  readonly category:
    | 'shell'
    | 'package-manager'
    /** Those of languages: npm, pip … */
    | 'language-package-manager'
    | 'network'
    | 'privilege'
    | 'debugger'
    | 'compiler'
    | 'editor';
  /** What it is, whatever its file is called: `bash`, `dash`, `busybox`, `apt`, `dpkg`, `curl`, `wget`, `nc` … */
  readonly tool: string;
}

/** What the texts in a program say that it will look for. */
export interface WishesFact {
  readonly kind: 'wishes';
  /** It speaks TLS as a client and reads the system's certificates; it reads the system's time zones. */
  readonly wishes: readonly ('certificates' | 'time-zones')[];
}

/** A part of the loader's configuration: `etc/ld.so.conf`, `etc/ld.so.conf.d/*.conf`, and musl's `etc/ld-musl-*.path`. */
export interface LibraryFoldersFact {
  readonly kind: 'library-folders';
  readonly text: string;
}

/** `etc/ld.so.cache`: where glibc's loader looks before it looks into the system's folders. */
export interface LibraryCacheFact {
  readonly kind: 'library-cache';
  readonly libraries: readonly CachedName[];
}
