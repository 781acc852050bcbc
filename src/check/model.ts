import type { Digest } from '../core/index.ts';
import type { Severity } from '../policy/index.ts';
import type { Subject } from './subject.ts';

/** Where in an image something is. */
export interface Place {
  /** In the image, without a slash at either end. */
  readonly path?: string;
  /** Line from 1. */
  readonly line?: number;
  /** Number of the layer, from 0. */
  readonly layer?: number;
  /** Of the image configuration, as OCI image-spec 1.1, config.md, names it: `config.User`, `config.Env.PATH`. */
  readonly field?: string;
}

/** What a rule has to say of one place, in words without a full stop. */
export interface Fault extends Place {
  readonly message: string;
}

/** One thing that an image should or should not be. */
export interface Rule {
  /** Words with `-` between; never changes. */
  readonly id: string;
  readonly severity: Severity;
  /** What is found, in a few words: `The application runs as root`. */
  readonly title: string;
  /** Why it matters, in sentences. */
  readonly why: string;
  /** What to do about it, in sentences. */
  readonly mend: string;
  /** All faults, in a stable order; whoever reads may stop early. */
  find(subject: Subject): Iterable<Fault>;
}

/** A fault with the rule that found it. */
export interface Finding extends Fault {
  readonly rule: string;
  readonly severity: Severity;
}

/** A finding that does not count, and why. */
export interface SilencedFinding extends Finding {
  readonly reason: string;
  /** The policy of whoever checks, or a label of the image itself. */
  readonly by: 'policy' | 'image';
  /** Last day on which it is silenced: `2027-01-31`. */
  readonly until?: string;
}

/** What was found in one image. */
export interface CheckedImage {
  /** `linux/amd64` */
  readonly platform: string;
  /** Of the manifest. */
  readonly digest: Digest;
  /** In the order of severities, rules and places; at most {@link MAX_FINDINGS} a rule. */
  readonly findings: readonly Finding[];
  readonly silenced: readonly SilencedFinding[];
  /** Findings beyond those, by rule. */
  readonly more: Readonly<Record<string, number>>;
}

export interface CheckReport {
  /** The rules that were looked at, own ones too. */
  readonly rules: readonly Omit<Rule, 'find'>[];
  readonly images: readonly CheckedImage[];
  /** What the policy itself has to mend: silences that have ended, or that silence nothing. */
  readonly policy: readonly Finding[];
  /** All findings of all images and of the policy that count, those beyond the listed ones too. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly silenced: number;
}

/** Findings of one rule in one image that are listed; more are counted. */
export const MAX_FINDINGS = 1000;
