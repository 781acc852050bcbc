import { createHash, hash } from 'node:crypto';

/** A digest as the OCI image-spec spells it (descriptor.md, "Digests"); pith makes and accepts SHA-256. */
export type Digest = `sha256:${string}`;

const FORM = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return FORM.test(text);
}

/** The digest of bytes in memory. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}

/** `hex` (64 lower-case digits) as a digest. */
export function digestFromHex(hex: string): Digest {
  return `sha256:${hex}`;
}

/** The hexadecimal part. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** A digest made piece by piece. */
export class Digester {
  readonly #hash = createHash('sha256');
  /** Bytes seen so far. */
  size = 0;

  update(bytes: Uint8Array): this {
    this.#hash.update(bytes);
    this.size += bytes.length;
    return this;
  }

  /** The digest of all bytes so far; the digester may go on afterwards. */
  digest(): Digest {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}

/**
 * JSON with sorted keys and without white space: the same value gives the same text, so that its digest is a key.
 * Undefined members are left out, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
