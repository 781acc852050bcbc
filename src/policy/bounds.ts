export type Relation = '<' | '<=' | '=' | '>=' | '>';

/** A version and how another one has to compare with it. */
export interface VersionBound {
  readonly relation: Relation;
  readonly version: string;
}

const BOUND = /^(<=|>=|<|>|=)\s*(\S+)$/;

/** Reads `<3.0.15`, `>=1.2` …; undefined for anything else. */
export function parseBound(text: string): VersionBound | undefined {
  const [, relation, version] = BOUND.exec(text.trim()) ?? [];
  return relation === undefined || version === undefined
    ? undefined
    : { relation: relation as Relation, version };
}
