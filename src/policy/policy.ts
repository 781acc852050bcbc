import type { Severity } from './severity.ts';

/** Which rules count, and how: the section `check` of a definition or policy (docs/checks.md). */
export interface Policy {
  /** Patterns of the only rules that are looked at; `*` stands for any letters. */
  readonly only?: readonly string[] | undefined;
  /** Patterns of rules that are not looked at. */
  readonly except?: readonly string[] | undefined;
  /** Other severities, by rule. */
  readonly severity?: Readonly<Record<string, Severity>> | undefined;
  readonly silence?: readonly Silence[] | undefined;
  /** Whether what the image's own labels silence is silenced; it is unless told. */
  readonly labels?: boolean | undefined;
  readonly rules?: readonly OwnRule[] | undefined;
}

/** Findings that do not count. */
export interface Silence {
  /** Pattern of the ids of rules. */
  readonly rule: string;
  /** Patterns of paths; findings without a path are not silenced by one. */
  readonly path?: string | readonly string[] | undefined;
  readonly reason: string;
  /** Last day on which it holds: `2027-01-31`, in UTC. */
  readonly until?: string | undefined;
}

/** A rule of one's own: exactly one of forbid, require, maxSize and licences. */
export interface OwnRule {
  readonly id: string;
  /** Default: error. */
  readonly severity?: Severity | undefined;
  readonly why?: string | undefined;
  readonly mend?: string | undefined;
  readonly forbid?: Condition | undefined;
  readonly require?: Condition | undefined;
  /** Bytes of the files of the image: `50MB`, `1.5GB`. */
  readonly maxSize?: string | undefined;
  /** Patterns of the only licences that packages may have. */
  readonly licences?: readonly string[] | undefined;
}

/** Exactly one of path, package, label and user. */
export interface Condition {
  /** Pattern of a path. */
  readonly path?: string | undefined;
  /** Pattern of the name of a package. */
  readonly package?: string | undefined;
  /** With a package: `<3.0.15`, `>=1.2`, `=2`. */
  readonly version?: string | undefined;
  /** Name of a label. */
  readonly label?: string | undefined;
  /** With a label: pattern of its value. */
  readonly matches?: string | undefined;
  /** Pattern of `config.User`. */
  readonly user?: string | undefined;
}
