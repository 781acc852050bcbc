import { posix } from 'node:path';
import { decompress, limitExpansion, readTar } from '../../archive/index.ts';
import { compressionOfLayer, type Image, type Layer } from '../../oci/index.ts';
import { verified } from '../blobs.ts';

const MAX_PASSWD = 1024 * 1024;
/** What hides `etc/passwd` of the layers below, or leads elsewhere (image-spec 1.1, layer.md, "Whiteouts"). */
const HIDING = ['.wh.etc', '.wh..wh..opq', 'etc/.wh.passwd', 'etc/.wh..wh..opq'];

/**
 * Whether an image's user is, or may be, root: no user, user 0, `root`, or a name that the image's `/etc/passwd` does not
 * give another number.
 * @throws as reading a layer does
 */
export async function mayBeRoot(image: Image): Promise<boolean> {
  const [user = ''] = (image.config.config?.User ?? '').split(':');
  if (user === '' || user === 'root') return true;
  if (/^[+-]?\d+$/.test(user)) return Number(user) === 0;
  const passwd = await readPasswd(image);
  const accounts = passwd?.split('\n').map((line) => line.trim().split(':')) ?? [];
  const [, , uid = ''] = accounts.find(([name]) => name === user) ?? [];
  return !/^[1-9]\d*$/.test(uid);
}

/** The content of `/etc/passwd`, if it is a file of a layer with nothing in the way. */
async function readPasswd({ layers }: Image): Promise<string | undefined> {
  for (const layer of layers.toReversed()) {
    const found = await findPasswd(layer);
    if (found !== undefined) return found.content;
  }
  return undefined;
}

/** What the last entry of a layer that is about it says; nothing if there is none. */
async function findPasswd({ blob, descriptor }: Layer): Promise<{ content?: string } | undefined> {
  const { digest, mediaType } = descriptor;
  // A reader of tar stops at the end marker, before the digest of the whole is known.
  await readToEnd(verified(blob));
  const bytes = decompress(compressionOfLayer(mediaType), blob.open(), digest);
  let found: { content?: string } | undefined;
  for await (const { entry, body } of readTar(limitExpansion(bytes, blob.size, digest), digest)) {
    const path = posix.normalize(`/${entry.path}`).replace(/^\/|\/$/g, '');
    if (path === 'etc/passwd')
      found = entry.type === 'file' && entry.size <= MAX_PASSWD ? { content: await textOf(body) } : {};
    else if (HIDING.includes(path) || (path === 'etc' && entry.type !== 'directory')) found ??= {};
  }
  return found;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function readToEnd(pieces: AsyncIterator<unknown>): Promise<void> {
  while (!(await pieces.next()).done);
}
