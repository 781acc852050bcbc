import { type FileHandle, open } from 'node:fs/promises';
import {
  type ArMember,
  type Compression,
  compressionOfName,
  decompress,
  limitExpansion,
  listAr,
  readTar,
} from '../../archive/index.ts';
import { PithError } from '../../core/index.ts';
import type { PackageContents } from '../contract.ts';

/** Bytes read from the file at once: bounds memory, not speed. */
const READ_SIZE = 256 * 1024;
/** A control archive holds a few scripts and lists; the largest in Debian is under 10 MB. */
const MAX_CONTROL = 64 << 20;

/**
 * Opens a binary package file, deb(5): an ar archive of `debian-binary` (format 2.x), `control.tar*` and `data.tar*`, in
 * this order, each once. The file's digest has been verified by the caller; what is inside is still not trusted.
 * @returns its metadata files by name (control, md5sums, postinst …) and the bytes of its data.tar; the contents are read
 *   from the file while `data` is iterated, and the file is closed when that ends
 * @throws PithError ARCHIVE_INVALID, ARCHIVE_UNSUPPORTED or ARCHIVE_TOO_LARGE with `name` in the message
 */
export async function openDeb(path: string, name: string): Promise<PackageContents> {
  const file = await open(path, 'r');
  try {
    const members = await listAr(
      (position, length) => readAt(file, position, length),
      (await file.stat()).size,
      name,
    );
    const [control, data] = await locate(file, members, name);
    const metadata = await readMetadata(unpack(file, control, `${name} control.tar`), name);
    return {
      metadata,
      data: closing(unpack(file, data, `${name} data.tar`), file),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Part {
  readonly member: ArMember;
  readonly compression: Compression;
}

async function locate(file: FileHandle, members: readonly ArMember[], name: string): Promise<[Part, Part]> {
  // deb(5): members whose names start with an underscore are to be ignored.
  const [version, ...rest] = members.filter((member) => !member.name.startsWith('_'));
  if (version?.name !== 'debian-binary') throw invalid(name, 'its first member is not debian-binary');
  const format = Buffer.from(await readAt(file, version.offset, Math.min(version.size, 16))).toString(
    'latin1',
  );
  if (!/^2\.\d+\n/.test(format))
    throw invalid(name, `its format version is ${JSON.stringify(format)}, not 2.0`);
  const duplicate = rest.find(
    (member, index) => rest.findIndex((other) => stem(other) === stem(member)) !== index,
  );
  if (duplicate) throw invalid(name, `it has the member ${stem(duplicate)} more than once`);
  const [control, data] = rest;
  if (!control || !data || stem(control) !== 'control.tar' || stem(data) !== 'data.tar') {
    throw invalid(
      name,
      `it has the members ${rest.map((member) => member.name).join(', ')}, not control.tar and data.tar`,
    );
  }
  return [part(control, name), part(data, name)];
}

function stem(member: ArMember): string {
  return /^[^.]*\.tar/.exec(member.name)?.[0] ?? member.name;
}

function part(member: ArMember, name: string): Part {
  const compression = compressionOfName(member.name);
  if (!compression) {
    throw new PithError(
      'ARCHIVE_UNSUPPORTED',
      `${name}: the compression of ${member.name} is not supported`,
      {
        hint: 'Packages compressed with xz, zstd, gzip or not at all can be read.',
      },
    );
  }
  return { member, compression };
}

async function readMetadata(
  source: AsyncIterable<Uint8Array>,
  name: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  for await (const { entry, body } of readTar(source, `${name} control.tar`)) {
    if (entry.type === 'directory') continue;
    const file = entry.path.replace(/^\.\//, '');
    if (entry.type !== 'file' || file.includes('/'))
      throw invalid(name, `its control.tar holds ${JSON.stringify(entry.path)}, which does not belong there`);
    if (files.has(file)) throw invalid(name, `its control.tar holds ${file} more than once`);
    total += entry.size;
    if (total > MAX_CONTROL) {
      throw new PithError(
        'ARCHIVE_TOO_LARGE',
        `${name}: its control.tar unpacks to more than ${MAX_CONTROL} bytes`,
        { hint: 'That is a decompression bomb, not a sound package; it was not used.' },
      );
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece.slice());
    files.set(file, Buffer.concat(pieces));
  }
  if (!files.has('control')) throw invalid(name, 'its control.tar holds no control file');
  return files;
}

function unpack(file: FileHandle, { member, compression }: Part, name: string): AsyncIterable<Uint8Array> {
  return limitExpansion(decompress(compression, readMember(file, member), name), member.size, name);
}

async function* readMember(file: FileHandle, { offset, size }: ArMember): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size;) {
    const bytes = await readAt(file, offset + done, Math.min(READ_SIZE, size - done));
    if (bytes.length === 0) return;
    done += bytes.length;
    yield bytes;
  }
}

async function* closing(source: AsyncIterable<Uint8Array>, file: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function invalid(name: string, why: string): PithError {
  return new PithError('ARCHIVE_INVALID', `${name} is not a sound package: ${why}`, {
    hint: 'The package itself is broken or hostile; it was not used.',
  });
}
