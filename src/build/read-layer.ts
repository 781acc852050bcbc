import { decompress, limitExpansion, readTar } from '../archive/index.ts';
import { Digester, interruptible, PithError } from '../core/index.ts';
import { compressionOfLayer, type Layer } from '../oci/index.ts';
import { ElfScanner, isCaptured, type ListedFile, matcher, safePath } from '../rootfs/index.ts';

/** Where images keep what is known of their packages, accounts, distribution and authorities. */
const isDatabase = matcher([
  'var/lib/dpkg/status',
  'var/lib/dpkg/status.d/*',
  'etc/passwd',
  'etc/group',
  'etc/os-release',
  'usr/lib/os-release',
  'etc/ssl/certs/ca-certificates.crt',
]);
/** Databases are small; a file that is larger is none. */
const MAX_CAPTURED = 64 << 20;
/** Bytes of all captured files of a layer: bounds what a hostile image costs. */
const MAX_ALL_CAPTURED = 256 << 20;
/** As much of a script as Linux looks at for its interpreter (execve(2), "Interpreter scripts"). */
const MAX_SHEBANG = 256;

/** An entry of a layer, a whiteout too, without most of its content. */
export interface LayerEntry {
  readonly file: ListedFile;
  /** Of databases and of what derived files are made of. */
  readonly content?: Uint8Array;
  /** What stands behind `#!` in the first line of an executable file. */
  readonly shebang?: string;
}

/**
 * Reads the entries of a layer one after the other, without keeping it.
 * @param what names the layer in errors
 * @throws PithError IMAGE_INVALID, ARCHIVE_INVALID, ARCHIVE_UNSAFE, ARCHIVE_TOO_LARGE, INTERRUPTED, and what reading the blob throws
 */
export async function* readLayer(
  { descriptor, blob }: Layer,
  what: string,
  signal?: AbortSignal,
): AsyncGenerator<LayerEntry> {
  const stored = interruptible(blob.open(), signal);
  const unpacked = decompress(compressionOfLayer(descriptor.mediaType), stored, what);
  let capturedBytes = 0;
  for await (const { entry, body } of readTar(limitExpansion(unpacked, blob.size, what), what)) {
    const path = safePath(entry.path.replace(/^\/+/, ''), what) || '.';
    const listed = { ...entry, path };
    if (entry.type !== 'file') {
      const linkName =
        entry.type === 'hardlink' ? safePath(entry.linkName.replace(/^\/+/, ''), what) : entry.linkName;
      yield { file: { ...listed, linkName } };
      continue;
    }
    const isKept = entry.size <= MAX_CAPTURED && (isCaptured(path) || isDatabase(path));
    if (isKept) capturedBytes += entry.size;
    if (capturedBytes > MAX_ALL_CAPTURED)
      throw new PithError(
        'ARCHIVE_TOO_LARGE',
        `${what}: its package databases and certificates are too large`,
        {
          hint: 'No sound image is like that; it was not used.',
        },
      );
    yield await readFile(listed, body, isKept);
  }
}

async function readFile(
  listed: ListedFile,
  body: AsyncIterable<Uint8Array>,
  isKept: boolean,
): Promise<LayerEntry> {
  const digester = new Digester();
  const elf = new ElfScanner(listed.size);
  const pieces: Uint8Array[] = [];
  let head = Buffer.alloc(0);
  for await (const piece of body) {
    digester.update(piece);
    elf.write(piece);
    if (head.length < MAX_SHEBANG) head = Buffer.concat([head, piece.subarray(0, MAX_SHEBANG - head.length)]);
    if (isKept) pieces.push(piece.slice());
  }
  const info = elf.finish();
  const [, shebang] = /^#![ \t]*([^\n\0]+)/.exec(head.toString('utf8')) ?? [];
  const isScript = shebang !== undefined && (listed.mode & 0o111) !== 0;
  return {
    file: { ...listed, digest: digester.digest(), ...(info ? { elf: info } : {}) },
    ...(isKept ? { content: Buffer.concat(pieces) } : {}),
    ...(isScript ? { shebang: shebang.trim() } : {}),
  };
}
