import { Worker } from 'node:worker_threads';
import { type LayerCompression } from '../archive/index.ts';
import { PithError } from '../core/index.ts';
import type { Chunk, FromWorker, SegmentDone, SegmentJob, ToWorker } from './worker-protocol.ts';

/** What main gets of a segment while a worker makes it. */
export interface SegmentSink {
  /** Takes the compressed pieces in their order. */
  write(bytes: Uint8Array): Promise<void>;
}

interface Task {
  readonly message: ToWorker;
  readonly transfer: ArrayBuffer[];
}

interface OpenSegment {
  readonly sink: SegmentSink;
  readonly compression: LayerCompression;
  readonly worker: number;
  readonly resolve: (done: SegmentDone) => void;
  readonly reject: (error: unknown) => void;
  /** Writes follow each other in the order of the chunks. */
  tail: Promise<void>;
}

/** Segments that one worker has open at once: with two, one is read while the other waits for its chunks. */
const OPEN_PER_WORKER = 2;

/**
 * Worker threads that make segments. A segment is read and rewritten by one worker, and its chunks are compressed by
 * whichever worker has least to do, so that one large package keeps all of them busy. Nothing blocks: a worker that
 * waits for its chunks serves others. Results do not depend on the number of workers.
 */
export class Pool {
  readonly #url: URL;
  readonly #size: number;
  readonly #workers: Worker[] = [];
  readonly #load: number[] = [];
  readonly #open: number[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #segments = new Map<number, OpenSegment>();
  readonly #chunks = new Map<number, (bytes: Uint8Array) => void>();
  readonly #indexes = new Map<
    number,
    { resolve: (bytes: Uint8Array) => void; reject: (error: unknown) => void }
  >();
  #next = 0;

  /**
   * @param url of the worker's script
   * @param size number of workers; they start at the first job
   */
  constructor(url: URL, size: number) {
    this.#url = url;
    this.#size = Math.max(1, size);
  }

  /** Makes a segment of a package file; its compressed bytes go to the sink. */
  async segment(job: Omit<SegmentJob, 'kind' | 'id'>, sink: SegmentSink): Promise<SegmentDone> {
    const worker = await this.#claim();
    try {
      return await new Promise<SegmentDone>((resolve, reject) => {
        const id = this.#next++;
        this.#segments.set(id, {
          sink,
          compression: job.compression,
          worker,
          resolve,
          reject,
          tail: Promise.resolve(),
        });
        this.#send(worker, { message: { kind: 'segment', id, ...job }, transfer: [] });
      });
    } finally {
      this.#release(worker);
    }
  }

  /** Decompresses an archive index (a Packages file) and brings it into its fast form. */
  async index(path: string): Promise<Uint8Array> {
    const worker = await this.#claim();
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        const id = this.#next++;
        this.#indexes.set(id, { resolve, reject });
        this.#send(worker, { message: { kind: 'index', id, path }, transfer: [] });
      });
    } finally {
      this.#release(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#workers.length = 0;
  }

  async #claim(): Promise<number> {
    for (;;) {
      this.#start();
      const free = this.#open.reduce(
        (best, count, index) => (count < (this.#open[best] ?? 0) ? index : best),
        0,
      );
      if ((this.#open[free] ?? 0) < OPEN_PER_WORKER) {
        this.#open[free] = (this.#open[free] ?? 0) + 1;
        return free;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #release(worker: number): void {
    this.#open[worker] = (this.#open[worker] ?? 1) - 1;
    this.#waiting.shift()?.();
  }

  #start(): void {
    while (this.#workers.length < this.#size) {
      const index = this.#workers.length;
      const worker = new Worker(this.#url);
      worker.on('message', (message: FromWorker) => {
        this.#receive(index, message);
      });
      worker.on('error', (error) => {
        this.#failAll(error);
      });
      this.#workers.push(worker);
      this.#load.push(0);
      this.#open.push(0);
    }
  }

  #send(worker: number, { message, transfer }: Task): void {
    this.#workers[worker]?.postMessage(message, transfer);
  }

  #receive(worker: number, message: FromWorker): void {
    switch (message.kind) {
      case 'chunk':
        this.#dispatch(message);
        return;
      case 'deflated': {
        this.#load[worker] = (this.#load[worker] ?? 1) - 1;
        this.#chunks.get(message.id)?.(message.bytes);
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
      case 'failed': {
        const error = new PithError(message.error.code, message.error.message, message.error);
        this.#segments.get(message.id)?.reject(error);
        this.#indexes.get(message.id)?.reject(error);
        this.#segments.delete(message.id);
        this.#indexes.delete(message.id);
      }
    }
  }

  /** Gives a chunk to the worker with the least to do, and its result to the segment in the order of the chunks. */
  #dispatch(chunk: Chunk): void {
    const segment = this.#segments.get(chunk.segment);
    if (!segment) return;
    const compressed = new Promise<Uint8Array>((resolve) => {
      const id = this.#next++;
      this.#chunks.set(id, resolve);
      const worker = this.#load.reduce(
        (best, load, index) => (load < (this.#load[best] ?? 0) ? index : best),
        segment.worker,
      );
      this.#load[worker] = (this.#load[worker] ?? 0) + 1;
      const { bytes, dictionary, last } = chunk;
      this.#send(worker, {
        message: { kind: 'deflate', id, compression: segment.compression, bytes, dictionary, last },
        transfer: [bytes.buffer as ArrayBuffer],
      });
    });
    segment.tail = segment.tail.then(async () => {
      await segment.sink.write(await compressed);
      this.#send(segment.worker, { message: { kind: 'credit', id: chunk.segment }, transfer: [] });
    });
    segment.tail.catch((error: unknown) => {
      segment.reject(error);
      this.#segments.delete(chunk.segment);
      this.#send(segment.worker, { message: { kind: 'cancel', id: chunk.segment }, transfer: [] });
    });
  }

  #failAll(error: unknown): void {
    for (const { reject } of [...this.#segments.values(), ...this.#indexes.values()]) reject(error);
    this.#segments.clear();
    this.#indexes.clear();
  }
}
