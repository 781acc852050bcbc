import { setImmediate } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import {
  CHUNK_SIZE,
  createCompressor,
  DICTIONARY_SIZE,
  END_OF_ARCHIVE,
  type LayerCompression,
} from '../archive/index.ts';
import { Digester, Once, toPithError } from '../core/index.ts';
import { buildIndexOfFile } from '../distro/index.ts';
import { SegmentWriter } from '../rootfs/index.ts';
import type { ReadFile } from './digest-memory.ts';
import { type FileToRead, readFacts } from './disk-facts.ts';
import { type DiskFile, encodeDiskFiles } from './disk-segment.ts';
import { encodeListing } from './listing.ts';
import { openPackage } from './open-package.ts';
import { unpackFiles } from './packed-files.ts';
import { Turn } from './turn.ts';
import { verifyFile } from './verify-file.ts';
import {
  type FilesJob,
  type FromWorker,
  type SegmentDone,
  type SegmentJob,
  type ToWorker,
  unknownMessage,
  type WireError,
} from './worker-protocol.ts';

/** Chunks of one segment that may be under way before the worker waits: bounds memory. */
const CREDITS = 4;

/** Buffers of chunks that were compressed here, for chunks to come: fresh memory costs more than it looks. */
const buffers: ArrayBufferLike[] = [];

function takeBuffer(): Uint8Array {
  return new Uint8Array(buffers.pop() ?? new ArrayBuffer(CHUNK_SIZE));
}

function giveBuffer({ buffer }: Uint8Array): void {
  if (buffer.byteLength === CHUNK_SIZE && buffers.length < CREDITS) buffers.push(buffer);
}

const compressors = new Once<Awaited<ReturnType<typeof createCompressor>>>();
const segments = new Map<number, ChunkSender>();

/** Does the work that comes through a port: in a thread of its own, or between other things in the main thread. */
export function serve(port: MessagePort): void {
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'credit') segments.get(message.id)?.credit();
    else if (message.kind === 'cancel') segments.get(message.id)?.cancel();
    else {
      run(port, message).catch((error: unknown) => {
        post(port, { kind: 'failed', id: message.id, error: wireError(error) });
      });
    }
  });
}

async function run(
  port: MessagePort,
  message: Exclude<ToWorker, { kind: 'credit' | 'cancel' }>,
): Promise<void> {
  switch (message.kind) {
    case 'deflate': {
      const compressor = await compressorFor(message.compression);
      const bytes = compressor.compress(message.bytes, message.dictionary, message.last);
      giveBuffer(message.bytes);
      post(port, { kind: 'deflated', id: message.id, bytes }, bytes);
      return;
    }
    case 'index': {
      const bytes = await buildIndexOfFile(message.path);
      post(port, { kind: 'index-done', id: message.id, bytes }, bytes);
      return;
    }
    case 'read': {
      const found = await readAll(message.files);
      // In the main thread, the results of other threads come in between.
      await setImmediate();
      post(port, { kind: 'read-done', id: message.id, found });
      return;
    }
    case 'segment':
      post(port, await makeSegment(port, message));
      return;
    case 'files':
      post(port, await makeFiles(port, message));
      return;
    default:
      throw unknownMessage('a worker thread was asked for', message);
  }
}

async function readAll(files: readonly FileToRead[]): Promise<ReadFile[]> {
  const turn = new Turn();
  const found: ReadFile[] = [];
  for (const { source, size } of files) found.push(await readFacts(source, size, turn));
  return found;
}

async function makeSegment(port: MessagePort, job: SegmentJob): Promise<SegmentDone> {
  const sender = new ChunkSender(port, job.id);
  segments.set(job.id, sender);
  try {
    await verifyFile(job.path, job.digest, job.what);
    const { metadata, data, readEntry } = await openPackage(job);
    const emit = (bytes: Uint8Array): void => {
      sender.append(bytes);
    };
    const writer = new SegmentWriter(job.what, job.rules, emit, readEntry);
    let decompressed = 0;
    for await (const piece of data) {
      decompressed += piece.length;
      writer.write(piece);
      await sender.flush();
    }
    const { files, captured, scripts, ...figures } = writer.finish(metadata);
    const sums = await sender.end();
    const listing = encodeListing(files, captured, scripts);
    return { kind: 'segment-done', id: job.id, ...sums, ...figures, listing, decompressed };
  } finally {
    segments.delete(job.id);
  }
}

async function makeFiles(port: MessagePort, { id, files }: FilesJob): Promise<SegmentDone> {
  const sender = new ChunkSender(port, id);
  segments.set(id, sender);
  try {
    let newest = 0;
    const observe = function* (): Generator<DiskFile> {
      for (const one of unpackFiles(files)) {
        newest = Math.max(newest, one.file.mtime);
        yield one;
      }
    };
    for (const piece of encodeDiskFiles(observe())) {
      sender.append(piece);
      if (sender.isFull) await sender.flush();
    }
    const sums = await sender.end();
    // Whoever asks for this segment has the files.
    const listing = encodeListing([]);
    const figures = { newest, omitted: 0, unmatched: [], dependsOnMerge: false, decompressed: 0 };
    return { kind: 'segment-done', id, ...sums, ...figures, listing };
  } finally {
    segments.delete(id);
  }
}

/** Cuts a segment into chunks of exactly CHUNK_SIZE (but for the last), and sends them as far as its credits go. */
class ChunkSender {
  readonly #port: MessagePort;
  readonly #segment: number;
  readonly #digester = new Digester();
  #crc = 0;
  #buffer: Uint8Array = takeBuffer();
  #filled = 0;
  #full: Uint8Array[] = [];
  #dictionary: Uint8Array = new Uint8Array(0);
  #credits = CREDITS;
  #cancelled = false;
  #wake: (() => void) | undefined;

  constructor(port: MessagePort, segment: number) {
    this.#port = port;
    this.#segment = segment;
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#filled === CHUNK_SIZE) {
        this.#full.push(this.#buffer);
        this.#buffer = takeBuffer();
        this.#filled = 0;
      }
      const part = bytes.subarray(at, at + CHUNK_SIZE - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  /** Whether there are chunks to be sent. */
  get isFull(): boolean {
    return this.#full.length > 0;
  }

  /** Sends the chunks that are full and not the last. */
  async flush(): Promise<void> {
    const chunks = this.#full;
    this.#full = [];
    for (const chunk of chunks) await this.#send(chunk, false);
  }

  async end(): Promise<Pick<SegmentDone, 'diffId' | 'size' | 'crc'>> {
    await this.flush();
    await this.#send(this.#buffer.subarray(0, this.#filled), true);
    const size = this.#digester.size;
    return { diffId: this.#digester.update(END_OF_ARCHIVE).digest(), size, crc: this.#crc };
  }

  credit(): void {
    this.#credits++;
    this.#wake?.();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wake?.();
  }

  async #send(bytes: Uint8Array, last: boolean): Promise<void> {
    while (this.#credits === 0 && !this.#cancelled)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#cancelled) throw new Error('the segment was cancelled');
    this.#credits--;
    this.#digester.update(bytes);
    this.#crc = crc32(bytes, this.#crc);
    const dictionary = this.#dictionary;
    this.#dictionary = bytes.slice(-DICTIONARY_SIZE);
    post(this.#port, { kind: 'chunk', segment: this.#segment, bytes, dictionary, last }, bytes);
  }
}

function compressorFor(compression: LayerCompression): ReturnType<typeof createCompressor> {
  return compressors.do(compression, () => createCompressor(compression));
}

/** Posts a message; the buffer of `moved` goes with it instead of being copied. */
function post(port: MessagePort, message: FromWorker, moved?: Uint8Array): void {
  port.postMessage(message, moved ? [moved.buffer as ArrayBuffer] : []);
}

function wireError(error: unknown): WireError {
  const { code, message, hint, path } = toPithError(error);
  return { code, message, ...(hint === undefined ? {} : { hint }), ...(path === undefined ? {} : { path }) };
}
