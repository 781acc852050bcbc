/** A package of the npm registry as a definition asks for it: `npm:node-linux-{arch}@24`. */
export interface NpmRequest {
  /** `{arch}` stands for the processor's name in Node.js. */
  readonly name: string;
  /** A range of versions, as npm has them. */
  readonly range: string;
}

/** Reads `npm:NAME@RANGE`; undefined for a package of the distribution. */
export function npmRequest(request: string): NpmRequest | undefined {
  const [, name, range] = /^npm:(@?[^@]+)@(.+)$/.exec(request) ?? [];
  return name === undefined || range === undefined ? undefined : { name, range };
}
