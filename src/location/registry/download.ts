import { Digester, PithError, type Digest } from '../../core/index.ts';
import { BROKEN_OFF, fault, Retries, type Answer } from '../../http/index.ts';
import type { Repository } from './repository.ts';

/** What is known of a blob before it is read. */
interface Wanted {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/**
 * Reads a blob (distribution-spec 1.1, "Pulling blobs"). A transfer that breaks goes on where it stopped. The stream
 * fails at its end, or where it grows too long, unless size and digest are right: nothing may be made of it before.
 * @throws DIGEST_MISMATCH, IMAGE_INVALID if it is not there, REGISTRY_…, NETWORK_…, INTERRUPTED
 */
export async function* downloadBlob(repository: Repository, wanted: Wanted): AsyncGenerator<Uint8Array> {
  const { policy, settings, name } = repository.registry;
  const digester = new Digester();
  const retries = new Retries(
    { ...policy, signal: repository.signal },
    `${name}/v2/${repository.name}/blobs/${wanted.digest}`,
  );
  for (;;) {
    let answer: Answer | undefined;
    try {
      answer = await openFrom(repository, wanted, digester.size);
      for await (const piece of restOf(answer, repository, wanted, digester.size)) {
        digester.update(piece);
        if (digester.size > wanted.size) throw mismatch(repository, wanted, 'it is longer');
        settings.onBytes?.(piece.length);
        yield piece;
      }
      if (digester.size < wanted.size) throw fault(BROKEN_OFF, 'the answer ended early');
      break;
    } catch (error) {
      await retries.after(error, digester.size);
    } finally {
      answer?.body.destroy();
    }
  }
  if (digester.digest() !== wanted.digest)
    throw mismatch(repository, wanted, `its digest is ${digester.digest()}`);
}

async function openFrom(repository: Repository, { digest }: Wanted, start: number): Promise<Answer> {
  const answer = await repository.sendOnce({
    method: 'GET',
    to: `blobs/${digest}`,
    headers: start === 0 ? {} : { range: `bytes=${start}-` },
    expect: [200, 206, 404],
    doing: `pulling the blob ${digest} of`,
  });
  if (answer.status !== 404) return answer;
  answer.body.destroy();
  throw new PithError('IMAGE_INVALID', `${repository.fullName} has no blob ${digest}`, {
    url: answer.url,
    hint: 'The registry has the manifest of the image, but not all of its parts: push the image again.',
  });
}

/** The bytes from `start` on; a registry that knows no ranges sends everything, and the beginning is left out. */
async function* restOf(
  answer: Answer,
  repository: Repository,
  wanted: Wanted,
  start: number,
): AsyncGenerator<Uint8Array> {
  const isPart = answer.status === 206 && start > 0;
  if (isPart && Number(/^bytes ([0-9]+)-/.exec(answer.headers['content-range'] ?? '')?.[1]) !== start)
    throw mismatch(repository, wanted, 'another part of it came than was asked for');
  const first = isPart ? start : 0;
  const length = answer.headers['content-length'];
  if (length !== undefined && Number(length) !== wanted.size - first)
    throw mismatch(repository, wanted, `it has ${Number(length) + first} bytes`);
  let toSkip = start - first;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    if (toSkip >= piece.length) {
      toSkip -= piece.length;
      continue;
    }
    yield toSkip === 0 ? piece : piece.subarray(toSkip);
    toSkip = 0;
  }
}

function mismatch(repository: Repository, { digest, size }: Wanted, why: string): PithError {
  return new PithError(
    'DIGEST_MISMATCH',
    `the blob ${digest} of ${repository.fullName} is not what the manifest says: ${why}, not ${size} bytes with this digest`,
    { hint: 'It was not used. The registry, or a proxy before it, serves something else.' },
  );
}
