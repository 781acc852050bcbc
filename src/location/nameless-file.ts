import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarTreeOf } from './archive/tar-tree.ts';
import type { FileTree } from './file-tree.ts';
import { outputError, writePieces } from './files.ts';

const CHUNK_SIZE = 1 << 20;

/** Closes files that nobody can read any more. */
const unreachable = new FinalizationRegistry<FileHandle>((file) => {
  void file.close();
});

/**
 * A temporary file that has no name once it is open, so that the system frees it with its last descriptor, however the
 * process ends. It is closed when nothing refers to it any more.
 */
export class NamelessFile {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
    unreachable.register(this, file);
  }

  /**
   * Makes a file of pieces. They are written here, since not every program ends when it meets a full disk.
   * @param path where it is until it is open; below the system's temporary folder unless given
   * @throws OUTPUT_FAILED, DISK_FULL, and what `pieces` throws
   */
  static async create(
    pieces: AsyncIterable<Uint8Array>,
    path = join(tmpdir(), `pith-${randomUUID()}`),
  ): Promise<NamelessFile> {
    const file = await openNameless(path).catch((error: unknown) => {
      throw outputError(error, path);
    });
    try {
      await writePieces(file, pieces);
    } catch (error) {
      await file.close();
      throw outputError(error, path);
    }
    return new NamelessFile(file);
  }

  /** Its members, as a tar archive. @param name what it is called in errors @throws IMAGE_INVALID */
  tree(name: string): Promise<FileTree> {
    return tarTreeOf(this.#file, name, (offset, length) => this.#read(offset, length));
  }

  async *#read(offset: number, length: number): AsyncGenerator<Uint8Array> {
    for (let at = offset; at < offset + length;) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_SIZE, offset + length - at));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

async function openNameless(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
