import { MessageChannel, type Transferable, Worker } from 'node:worker_threads';
import { PithError, systemCode } from '../core/index.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

/** One that does work: a thread, or the main thread in between other things. */
export interface Lane {
  /** Where its work is sent to; answers come back the same way. */
  readonly post: (message: ToWorker, transfer?: readonly Transferable[]) => void;
  readonly close: () => unknown;
  /** Chunks that it has to compress. */
  chunks: number;
  /** Packages that it reads. */
  open: number;
}

/** Takes what a lane answers. */
type Receive = (lane: Lane, message: FromWorker) => void;

/**
 * Starts a thread.
 * @param onEnd called with the reason if the thread ends, or can no longer be understood, before it is closed
 */
export function startThread(url: URL, receive: Receive, onEnd: (error: PithError) => void): Lane {
  const worker = new Worker(url);
  let isClosing = false;
  const lane: Lane = {
    post: (message, transfer = []) => {
      worker.postMessage(message, transfer);
    },
    close: () => {
      isClosing = true;
      worker.unref();
      return worker.terminate();
    },
    chunks: 0,
    open: 0,
  };
  const end = (why: string, cause?: unknown): void => {
    if (!isClosing) onEnd(lostWorker(why, cause));
  };
  worker.on('message', (message: FromWorker) => {
    receive(lane, message);
  });
  worker.on('messageerror', (error) => {
    end(error.message, error);
  });
  worker.on('error', (error) => {
    end(error instanceof Error ? error.message : String(error), error);
  });
  worker.on('exit', (code) => {
    end(`exit code ${code}`);
  });
  return lane;
}

/** Lets the main thread do work too, a message at a time. */
export async function startHere(receive: Receive): Promise<Lane> {
  const { serve } = await import('./worker-tasks.ts');
  const { port1, port2 } = new MessageChannel();
  const lane: Lane = {
    post: (message, transfer = []) => {
      port1.postMessage(message, transfer);
    },
    close: () => {
      port1.close();
    },
    chunks: 0,
    open: 0,
  };
  port1.on('message', (message: FromWorker) => {
    receive(lane, message);
  });
  serve(port2);
  return lane;
}

function lostWorker(why: string, cause: unknown): PithError {
  const isOutOfMemory = systemCode(cause) === 'ERR_WORKER_OUT_OF_MEMORY';
  return new PithError('INTERNAL', `a worker thread has ended before its work was done: ${why}`, {
    cause,
    hint: isOutOfMemory
      ? 'Use fewer threads (`--jobs 1`), or give the machine or container that pith runs in more memory.'
      : 'If pith was updated while it ran, run the command again; else please report it.',
  });
}
