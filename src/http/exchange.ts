import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CONNECT_TIMEOUT, fault, NO_ANSWER, STALLED } from './errors.ts';

/** How long silence may last, in milliseconds. */
export interface Patience {
  readonly connectTimeout: number;
  readonly stallTimeout: number;
  readonly answerTimeout: number;
}

export interface ExchangeOptions {
  readonly isSecure: boolean;
  readonly patience: Patience;
  /** Ends the request, or the transfer of its answer. */
  readonly signal: AbortSignal | undefined;
}

/** Pieces of a body are at most this long: each must get away within the time for silence. */
const LARGEST_PIECE = 256 * 1024;

/**
 * Sends a request and its body, and waits for the answer to begin. An answer that comes before everything is sent counts.
 * @throws whatever the connection fails with, CONNECT_TIMEOUT, NO_ANSWER, STALLED, or what the body throws
 */
export async function exchange(
  open: () => ClientRequest,
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined,
  { isSecure, patience, signal }: ExchangeOptions,
): Promise<{ response: IncomingMessage; body: ResponseBody }> {
  if (signal?.aborted) throw fault('ABORT_ERR', 'ended', signal.reason);
  const request = open();
  // Not Node's own way: it would end connections that by then serve others.
  const letGo = whenAborted(signal, () => {
    request.destroy(fault('ABORT_ERR', 'ended', signal?.reason));
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const connecting = new Deadline(request, patience.connectTimeout, CONNECT_TIMEOUT, 'no connection');
    const answering = new Deadline(request, patience.answerTimeout, NO_ANSWER, 'no answer');
    request.once('socket', (socket: Socket) => {
      if (request.reusedSocket) return;
      connecting.start();
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        connecting.stop();
      });
    });
    request.once('finish', () => {
      answering.start();
    });
    request.once('response', (answer) => {
      connecting.stop();
      answering.stop();
      resolve(answer);
    });
    // Later ones are told by the answer's body.
    request.on('error', (error) => {
      connecting.stop();
      answering.stop();
      letGo();
      reject(error);
    });
    send(request, body, patience.stallTimeout).catch((error: unknown) => {
      request.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  return { response, body: new ResponseBody(request, response, patience.stallTimeout, letGo) };
}

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when a signal is given. All callbacks share one listener, as Node.js warns of more than ten.
 * @returns what takes the callback back
 */
function whenAborted(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal) return () => undefined;
  const callbacks = waiting.get(signal) ?? new Set();
  if (!waiting.has(signal)) {
    waiting.set(signal, callbacks);
    signal.addEventListener('abort', () => {
      for (const one of [...callbacks]) one();
    });
  }
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
  };
}

/** A time after which a request is ended. */
class Deadline {
  readonly #end: () => void;
  readonly #time: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: ClientRequest, time: number, code: string, message: string) {
    this.#time = time;
    this.#end = () => {
      request.destroy(fault(code, message));
    };
  }

  start(): void {
    this.stop();
    this.#timer = setTimeout(this.#end, this.#time);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function send(
  request: ClientRequest,
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined,
  stallTimeout: number,
): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    request.end(body);
    return;
  }
  const answer = { isThere: false };
  request.once('response', () => {
    answer.isThere = true;
  });
  const stalling = new Deadline(request, stallTimeout, STALLED, 'nothing is taken any more');
  for await (const piece of inPieces(body)) {
    if (request.destroyed || answer.isThere) return;
    if (request.write(piece)) continue;
    stalling.start();
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        for (const event of ['drain', 'close', 'response']) request.off(event, goOn);
        resolve();
      };
      for (const event of ['drain', 'close', 'response']) request.once(event, goOn);
    });
    stalling.stop();
  }
  request.end();
}

async function* inPieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of body)
    if (piece.length <= LARGEST_PIECE) yield piece;
    else
      for (let at = 0; at < piece.length; at += LARGEST_PIECE) yield piece.subarray(at, at + LARGEST_PIECE);
}

/** The body of an answer; silence in it is a fault, the slowness of its reader is none. */
class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  readonly #stallTimeout: number;
  readonly #onEnd: () => void;

  constructor(request: ClientRequest, response: IncomingMessage, stallTimeout: number, onEnd: () => void) {
    this.#request = request;
    this.#response = response;
    this.#stallTimeout = stallTimeout;
    this.#onEnd = onEnd;
    // Who reads it gets the error all the same.
    response.on('error', () => undefined);
    // From then on the connection serves others.
    response.once('end', onEnd);
  }

  destroy(): void {
    this.#onEnd();
    this.#response.destroy();
    // What was answered before it was sent whole leaves a connection that nobody can use.
    if (!this.#request.writableEnded) this.#request.destroy();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const response = this.#response;
    let isWaiting = false;
    const timer = setTimeout(() => {
      if (isWaiting) response.destroy(fault(STALLED, 'nothing comes any more'));
    }, this.#stallTimeout);
    const pieces = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    try {
      for (;;) {
        timer.refresh();
        isWaiting = true;
        const next = await pieces.next();
        isWaiting = false;
        if (next.done) return;
        yield next.value;
      }
    } finally {
      clearTimeout(timer);
      this.destroy();
    }
  }
}
