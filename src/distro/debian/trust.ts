import type { PublicKey, SignaturePacket } from 'openpgp';
import { PithError } from '../../core/index.ts';
import { splitClearSigned } from './clearsign.ts';
import { parseKeys, type Keyring } from './keyring.ts';

/** A trusted key that made a valid signature. */
export interface Signer {
  /** Fingerprint of the primary key, upper-case hexadecimal. */
  fingerprint: string;
  userId: string;
  /** When the signature was made. */
  signedAt: Date;
  /** When the key that signed ceases to be valid, if ever. */
  expiresAt?: Date;
}

export interface VerifiedText {
  /** What was signed, and nothing else of the file. */
  text: string;
  signers: readonly Signer[];
}

/** A signature may be this much newer than this machine's clock says. */
const CLOCK_TOLERANCE_MS = 3_600_000;

/**
 * Verifies a clear-signed file. At least one signature must be good and come from a key that was valid when it
 * signed and is valid now: like apt, pith does not accept a key that has expired since, because whoever finds
 * such a key could date a signature back. Signatures of unknown keys beside a good one do not matter.
 *
 * @param url - where the file came from, for messages
 * @throws PithError SIGNATURE_INVALID, SIGNATURE_UNKNOWN_KEY, KEYRING_INVALID
 */
export async function verifyInRelease(
  bytes: Uint8Array,
  keyring: Keyring,
  now: Date,
  url: string,
): Promise<VerifiedText> {
  const { text, armor } = splitClearSigned(bytes, url);
  const packets = await readSignatures(armor, url);
  const keys = await parseKeys(keyring);
  const signers: Signer[] = [];
  const refusals: string[] = [];
  const unknown: string[] = [];
  for (const packet of packets) {
    const id = nameOf(packet);
    const candidates = keys.filter((key) => key.getKeys(packet.issuerKeyID).length > 0);
    if (candidates.length === 0) unknown.push(id);
    for (const key of candidates) {
      try {
        signers.push(await verifyOne(text, packet, key, now));
      } catch (error) {
        refusals.push(`${id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  if (signers.length > 0) return { text, signers };
  if (refusals.length > 0)
    throw new PithError('SIGNATURE_INVALID', `no valid signature: ${refusals.join('; ')}`, {
      url,
      hint: 'The file was changed on its way, or a key has expired: check this machine’s clock, use another mirror, or update the keys.',
    });
  throw new PithError(
    'SIGNATURE_UNKNOWN_KEY',
    `signed only by keys that are not trusted: ${unknown.join(', ')}`,
    {
      url,
      hint: 'If you trust the archive’s key, add it with `--keyring FILE`; its fingerprint has to come from its owner, not from the mirror.',
    },
  );
}

async function readSignatures(armor: string, url: string): Promise<SignaturePacket[]> {
  const { readSignature } = await import('openpgp');
  let packets: SignaturePacket[];
  try {
    const signature = await readSignature({ armoredSignature: armor });
    packets = signature.packets.filter((packet) => 'signatureType' in packet);
  } catch (cause) {
    throw new PithError('SIGNATURE_INVALID', 'the signature cannot be read', {
      url,
      hint: 'The file was damaged on its way: use another mirror or network.',
      cause,
    });
  }
  if (packets.length > 0) return packets;
  throw new PithError('SIGNATURE_INVALID', 'the signature block holds no signature that can be read', {
    url,
    hint: 'Use another mirror.',
  });
}

async function verifyOne(text: string, packet: SignaturePacket, key: PublicKey, now: Date): Promise<Signer> {
  const { createMessage, enums, PacketList, Signature, verify } = await import('openpgp');
  if (packet.signatureType !== enums.signature.text) throw new Error('it is no signature of a text');
  const list = new PacketList<SignaturePacket>();
  list.push(packet);
  const { signatures } = await verify({
    message: await createMessage({ text: text.replaceAll('\n', '\r\n') }),
    signature: new Signature(list),
    verificationKeys: key,
    date: new Date(now.getTime() + CLOCK_TOLERANCE_MS),
    // As gpg does: a key whose owner has renewed its expiry since is judged by its newest self-signature.
    config: { allowInsecureVerificationWithReformattedKeys: true },
  });
  await signatures[0]?.verified;
  const signingKey = await key.getSigningKey(packet.issuerKeyID, now);
  const expiry = [await key.getExpirationTime(), await signingKey.getExpirationTime()]
    .filter((time) => time instanceof Date)
    .sort((a, b) => a.getTime() - b.getTime())[0];
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    userId: key.getUserIDs()[0] ?? '',
    signedAt: packet.created ?? now,
    ...(expiry ? { expiresAt: expiry } : {}),
  };
}

function nameOf(packet: SignaturePacket): string {
  const fingerprint = packet.issuerFingerprint;
  return (fingerprint ? Buffer.from(fingerprint).toString('hex') : packet.issuerKeyID.toHex()).toUpperCase();
}
