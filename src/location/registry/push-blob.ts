import { PithError } from '../../core/index.ts';
import type { Blob } from '../../oci/index.ts';
import type { Repository } from './repository.ts';
import { Upload } from './upload.ts';

/** How a blob came to be in a repository. */
export type Arrival = 'was there' | 'mounted' | 'uploaded';

/** Whether a repository has a blob (distribution-spec 1.1, "Checking if content exists in the registry"). */
function hasBlob(repository: Repository, { digest, size }: Pick<Blob, 'digest' | 'size'>): Promise<boolean> {
  const request = { method: 'HEAD', to: `blobs/${digest}`, expect: [200, 404] } as const;
  return repository.send({ ...request, doing: `looking for the blob ${digest} of` }, (answer) => {
    const length = answer.headers['content-length'];
    return answer.status === 200 && (length === undefined || Number(length) === size);
  });
}

/**
 * Sees to it that a repository has a blob: it is there, or is mounted from where it comes from, or is uploaded. An upload
 * that fails is taken back.
 * @throws IMAGE_INVALID or CACHE_CORRUPT for a blob that is not what it says, REGISTRY_…, NETWORK_…, INTERRUPTED
 */
export async function pushBlob(repository: Repository, blob: Blob): Promise<Arrival> {
  const isThere = (): Promise<boolean> => hasBlob(repository, blob);
  const mounted = await tryMount(repository, blob);
  if (mounted === 'mounted') return 'mounted';
  let upload = mounted;
  try {
    if (await isThere()) {
      await upload?.cancel();
      return 'was there';
    }
    upload ??= await Upload.open(repository, blob);
    await upload.run(isThere);
    return 'uploaded';
  } catch (error) {
    await upload?.cancel();
    throw error;
  }
}

/** Mounts a blob from the repository that it comes from; where the registry prefers an upload, that is what comes back. */
async function tryMount(repository: Repository, blob: Blob): Promise<Upload | 'mounted' | undefined> {
  const { origin } = blob;
  if (origin?.registry !== repository.registry.name || origin.repository === repository.name)
    return undefined;
  try {
    return (await Upload.mount(repository, blob, origin.repository)) ?? 'mounted';
  } catch (error) {
    // It may be that the other repository cannot be mounted from: the upload will tell.
    if (error instanceof PithError && /^(?:REGISTRY_|UNKNOWN_IMAGE)/.test(error.code)) return undefined;
    throw error;
  }
}
