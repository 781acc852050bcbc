import { type LayerCompression } from '../archive/index.ts';
import { interruption, PithError, throwIfInterrupted } from '../core/index.ts';
import type { ReadFile } from './digest-memory.ts';
import type { FileToRead } from './disk-facts.ts';
import { type Lane, startHere, startThread } from './lane.ts';
import {
  type Chunk,
  type FilesJob,
  type FromWorker,
  type SegmentDone,
  type SegmentJob,
  unknownMessage,
} from './worker-protocol.ts';

/** What main gets of a segment while a worker makes it. */
export interface SegmentSink {
  /** Takes the compressed pieces in their order. */
  write(bytes: Uint8Array): Promise<void>;
}

interface OpenSegment {
  readonly sink: SegmentSink;
  readonly compression: LayerCompression;
  readonly lane: Lane;
  readonly resolve: (done: SegmentDone) => void;
  readonly reject: (error: unknown) => void;
  /** Writes follow each other in the order of the chunks. */
  tail: Promise<void>;
}

/** One that waits for a result. */
interface Waiting<Result = Uint8Array> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Reading a package counts as so many chunks: who reads keeps the others busy. */
const READING = 2;

/** How much a lane has to do. */
function workOf({ chunks, open }: Lane): number {
  return chunks + READING * open;
}

/** Packages that one lane reads at once: with two, one is read while the other waits for its chunks. */
const OPEN_PER_LANE = 2;

/**
 * Makes segments on all processors: in worker threads and in the main thread, which has little else to do. A package is
 * read and rewritten by one of them, and its chunks are compressed by whichever has least to do, so that one large
 * package keeps all of them busy. Nothing blocks: who waits for its chunks serves others. Results do not depend on
 * how many there are.
 */
export class Pool {
  readonly #url: URL;
  readonly #size: number;
  readonly #signal: AbortSignal | undefined;
  #lanes: Promise<Lane[]> | undefined;
  readonly #waiting: (() => void)[] = [];
  readonly #segments = new Map<number, OpenSegment>();
  readonly #chunks = new Map<number, Waiting>();
  readonly #indexes = new Map<number, Waiting>();
  readonly #readings = new Map<number, Waiting<readonly ReadFile[]>>();
  /** Why no job can be done any more. */
  #failure: PithError | undefined;
  #next = 0;

  /**
   * @param url of the threads' script
   * @param size how many do the work, the main thread counted; threads start at the first job
   * @param signal makes all jobs fail with INTERRUPTED
   */
  constructor(url: URL, size: number, signal?: AbortSignal) {
    this.#url = url;
    this.#size = Math.max(1, size);
    this.#signal = signal;
    signal?.addEventListener('abort', () => {
      this.#failAll(interruption(signal));
    });
  }

  /** Makes a segment of a package file, or of files of the disk; its compressed bytes go to the sink. */
  segment(
    job: Omit<SegmentJob, 'kind' | 'id'> | Omit<FilesJob, 'id'>,
    sink: SegmentSink,
  ): Promise<SegmentDone> {
    const { compression } = job;
    return this.#onLane((lane, id, resolve: (done: SegmentDone) => void, reject) => {
      this.#segments.set(id, { sink, compression, lane, resolve, reject, tail: Promise.resolve() });
      lane.post({ kind: 'segment', id, ...job });
    });
  }

  /** Decompresses an archive index (a Packages file) and brings it into its fast form. */
  index(path: string): Promise<Uint8Array> {
    return this.#onLane((lane, id, resolve: (bytes: Uint8Array) => void, reject) => {
      this.#indexes.set(id, { resolve, reject });
      lane.post({ kind: 'index', id, path });
    });
  }

  /** Reads files of the disk for their digests, which it gives in the order of the files. */
  read(files: readonly FileToRead[]): Promise<readonly ReadFile[]> {
    return this.#onLane((lane, id, resolve: (found: readonly ReadFile[]) => void, reject) => {
      this.#readings.set(id, { resolve, reject });
      lane.post({ kind: 'read', id, files });
    });
  }

  /** Starts the threads before there is work, since that takes a while. */
  start(): void {
    this.#lanes ??= this.#start();
  }

  /** Ends the threads; a later job starts new ones. */
  async close(): Promise<void> {
    const lanes = this.#lanes;
    this.#lanes = undefined;
    this.#failure = undefined;
    await Promise.all((await lanes)?.map((lane) => lane.close()) ?? []);
  }

  /** Starts a job on the lane that reads the fewest packages, once there is one with room. */
  async #onLane<Result>(
    start: (
      lane: Lane,
      id: number,
      resolve: (result: Result) => void,
      reject: (error: unknown) => void,
    ) => void,
  ): Promise<Result> {
    const lanes = await (this.#lanes ??= this.#start());
    const freest = (): Lane => lanes.reduce((best, lane) => (lane.open < best.open ? lane : best));
    while (!this.#failure && freest().open >= OPEN_PER_LANE)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    throwIfInterrupted(this.#signal);
    if (this.#failure) throw this.#failure;
    const lane = freest();
    lane.open++;
    try {
      return await new Promise<Result>((resolve, reject) => {
        start(lane, this.#next++, resolve, reject);
      });
    } finally {
      lane.open--;
      this.#waiting.shift()?.();
    }
  }

  async #start(): Promise<Lane[]> {
    const lanes: Lane[] = [];
    const receive = (lane: Lane, message: FromWorker): void => {
      this.#receive(lane, lanes, message);
    };
    const onEnd = (error: PithError): void => {
      this.#failAll(error);
    };
    for (let thread = 1; thread < this.#size; thread++) lanes.push(startThread(this.#url, receive, onEnd));
    lanes.push(await startHere(receive));
    return lanes;
  }

  #receive(lane: Lane, lanes: readonly Lane[], message: FromWorker): void {
    switch (message.kind) {
      case 'chunk':
        this.#dispatch(message, lanes);
        return;
      case 'deflated': {
        lane.chunks--;
        this.#chunks.get(message.id)?.resolve(message.bytes);
        this.#chunks.delete(message.id);
        return;
      }
      case 'segment-done': {
        const segment = this.#segments.get(message.id);
        this.#segments.delete(message.id);
        segment?.tail.then(
          () => {
            segment.resolve(message);
          },
          (error: unknown) => {
            segment.reject(error);
          },
        );
        return;
      }
      case 'index-done':
        this.#indexes.get(message.id)?.resolve(message.bytes);
        this.#indexes.delete(message.id);
        return;
      case 'read-done':
        this.#readings.get(message.id)?.resolve(message.found);
        this.#readings.delete(message.id);
        return;
      case 'failed': {
        const { code, message: text, ...details } = message.error;
        const error = new PithError(code, text, details);
        if (this.#chunks.has(message.id)) lane.chunks--;
        for (const waiting of [this.#segments, this.#chunks, this.#indexes, this.#readings]) {
          waiting.get(message.id)?.reject(error);
          waiting.delete(message.id);
        }
        return;
      }
      default:
        this.#failAll(unknownMessage('a worker thread answered', message));
    }
  }

  /** Gives a chunk to the lane with the least to do, and its result to the segment in the order of the chunks. */
  #dispatch(chunk: Chunk, lanes: readonly Lane[]): void {
    const segment = this.#segments.get(chunk.segment);
    if (!segment) return;
    const { bytes, dictionary, last } = chunk;
    const compressed = new Promise<Uint8Array>((resolve, reject) => {
      const id = this.#next++;
      this.#chunks.set(id, { resolve, reject });
      const lane = lanes.reduce((best, other) => (workOf(other) < workOf(best) ? other : best));
      lane.chunks++;
      const { compression } = segment;
      lane.post({ kind: 'deflate', id, compression, bytes, dictionary, last }, [bytes.buffer as ArrayBuffer]);
    });
    // Of several chunks that fail the first is waited for.
    compressed.catch(() => undefined);
    segment.tail = segment.tail.then(async () => {
      await segment.sink.write(await compressed);
      segment.lane.post({ kind: 'credit', id: chunk.segment });
    });
    segment.tail.catch((error: unknown) => {
      segment.reject(error);
      this.#segments.delete(chunk.segment);
      segment.lane.post({ kind: 'cancel', id: chunk.segment });
    });
  }

  /** Ends all jobs, those too that wait for their turn or come later. */
  #failAll(error: PithError): void {
    this.#failure ??= error;
    for (const waiting of [this.#segments, this.#chunks, this.#indexes, this.#readings]) {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
