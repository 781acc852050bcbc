import { createCleartextMessage, generateKey, sign, type PrivateKey } from 'openpgp';

/** A key made for a test; an archive's owner, so to speak. */
export interface Signer {
  /** Fingerprint of the key, upper-case hexadecimal. */
  fingerprint: string;
  /** The armored public key. */
  publicKey: string;
  /** The public key in binary form. */
  binaryPublicKey: Uint8Array;
  privateKey: PrivateKey;
  /** When it signs unless told; the present if absent. A key that has expired can only have signed before. */
  signsAt?: Date;
}

export interface SignerOptions {
  name?: string;
  /** When the key was made; ten years ago unless told. */
  createdAt?: Date;
  /** Seconds that the key is valid; for ever unless told. */
  validFor?: number;
}

/** Makes an Ed25519 key. */
export async function createSigner(options: SignerOptions = {}): Promise<Signer> {
  const {
    name = 'Test Archive',
    createdAt = new Date(Date.now() - 10 * 365 * 86_400_000),
    validFor = 0,
  } = options;
  const { privateKey, publicKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name, email: 'archive@example.org' }],
    date: createdAt,
    keyExpirationTime: validFor,
    format: 'object',
  });
  return {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    publicKey: publicKey.armor(),
    binaryPublicKey: publicKey.write(),
    privateKey,
  };
}

/** Clear-signs a text with one or several keys, as archives do with their Release file. */
export async function clearSign(
  text: string,
  signers: readonly Signer[],
  date: Date = signers[0]?.signsAt ?? new Date(),
): Promise<string> {
  const message = await createCleartextMessage({ text });
  return sign({ message, signingKeys: signers.map((signer) => signer.privateKey), date });
}
