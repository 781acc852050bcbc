import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  fault,
  RegistryProtocol,
  type ProtocolOptions,
  type TestAnswer,
  type TestRequest,
} from './registry-protocol.ts';
import { createTokens, type TokenOptions, type Tokens } from './registry-tokens.ts';

/** What can go wrong with one request. */
export const FAULTS = [
  /** The connection ends before anything is done. */
  'reset',
  /** Half of what is sent arrives, then the connection ends. */
  'half',
  /** Everything is done, but the answer is lost. */
  'lost',
  /** No answer comes. */
  'stall',
  /** Half of the answer comes. */
  'truncated',
  /** The answer has other bytes, or names another digest, than it should. */
  'wrong digest',
  '401',
  '429',
  '500',
  /** 502 with the page of a proxy. */
  '502 page',
  'slow',
] as const;
export type RegistryFault = (typeof FAULTS)[number];

export interface TestRegistryOptions extends ProtocolOptions {
  /** How it wants to know who asks; not at all unless told. */
  readonly auth?: 'basic' | TokenOptions;
  /** Serves https with this certificate, and wants one of this authority from clients. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** Answers in place of the protocol, where it gives an answer; one that never comes keeps the client waiting. */
  readonly override?: (request: TestRequest) => TestAnswer | undefined | Promise<TestAnswer | undefined>;
}

/** Name and password that a registry with authentication takes. */
export const USER = { username: 'ada', password: 'p:ss wörd' };

/** A registry in memory, on a free port of 127.0.0.1. */
export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly protocol: RegistryProtocol;
  readonly tokens: Tokens | undefined;
  /** `METHOD /path?query` and headers of the requests so far. */
  readonly requests: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
  /** Which request, counted from 0 from now on, gets which fault; none without a fault. */
  breakAt(number: number, what?: RegistryFault): void;
  close(): Promise<void>;
}

export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const protocol = new RegistryProtocol(options);
  const requests: { line: string; headers: IncomingMessage['headers'] }[] = [];
  const closing = new AbortController();
  let countdown = -1;
  let planned: RegistryFault | undefined;
  let tokens: Tokens | undefined;

  const answer = async (request: TestRequest): Promise<TestAnswer> =>
    (await options.override?.(request)) ?? guard(request, options, tokens) ?? protocol.answer(request);
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push({ line: `${message.method ?? ''} ${message.url ?? ''}`, headers: message.headers });
    const what = countdown-- === 0 ? planned : undefined;
    if (what === 'stall') return;
    if (what === 'reset') throw new Error('reset');
    const request = await readRequest(message, what === 'half');
    if (request.isBroken) {
      await answer(request);
      throw new Error('half');
    }
    const given = refusalFor(what, options, tokens) ?? (await answer(request));
    await send(request, response, given, what, closing.signal);
  };
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    // A message that is not read to its end forgets its socket.
    const { socket } = message;
    serve(message, response).catch(() => {
      socket.destroy();
    });
  };
  const { tls } = options;
  const server = tls
    ? createSecureServer({ ...tls, requestCert: tls.ca !== undefined }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (typeof options.auth === 'object')
    tokens = createTokens(`${tls ? 'https' : 'http'}://${host}/token`, USER, options.auth);
  return {
    host,
    protocol,
    tokens,
    requests,
    breakAt: (number, fault) => {
      countdown = number;
      planned = fault;
    },
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function readRequest(message: IncomingMessage, isHalf: boolean): Promise<TestRequest> {
  const { method = '', url = '', headers } = message;
  const length = Number(headers['content-length'] ?? 0);
  const limit = isHalf ? Math.floor(length / 2) : Infinity;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of message as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= limit) break;
  }
  const body = Buffer.concat(pieces).subarray(0, limit);
  return { method, url: new URL(url, 'http://registry'), headers, body, isBroken: isHalf };
}

/** The answer to somebody who is not known well enough. */
function guard(
  request: TestRequest,
  { auth }: TestRegistryOptions,
  tokens: Tokens | undefined,
): TestAnswer | undefined {
  if (request.url.pathname === '/token') return tokens?.issue(request);
  if (auth === undefined) return undefined;
  if (auth !== 'basic') return tokens?.guard(request);
  const expected = `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`;
  return request.headers.authorization === expected ? undefined : unauthorized('Basic realm="test"');
}

function unauthorized(challenge: string): TestAnswer {
  const { headers, ...rest } = fault(401, 'UNAUTHORIZED', 'authentication required');
  return { ...rest, headers: { ...headers, 'www-authenticate': challenge } };
}

function refusalFor(
  what: RegistryFault | undefined,
  { auth }: TestRegistryOptions,
  tokens: Tokens | undefined,
): TestAnswer | undefined {
  switch (what) {
    case '401':
      return unauthorized(tokens?.challenge ?? (auth === 'basic' ? 'Basic realm="test"' : 'Negotiate'));
    case '429':
      return { ...fault(429, 'TOOMANYREQUESTS'), headers: { 'retry-after': '0' } };
    case '500':
      return fault(500, 'UNKNOWN');
    case '502 page':
      return {
        status: 502,
        headers: { 'content-type': 'text/html' },
        body: '<!DOCTYPE html><h1>Bad Gateway</h1>',
      };
    default:
      return undefined;
  }
}

async function send(
  { method }: TestRequest,
  response: ServerResponse,
  { status, headers = {}, body: whole = '' }: TestAnswer,
  what: RegistryFault | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (what === 'lost') throw new Error('lost');
  const isWrong = what === 'wrong digest';
  const body = isWrong ? changed(Buffer.from(whole)) : Buffer.from(whole);
  const named = isWrong && 'docker-content-digest' in headers;
  const digest: Record<string, string> = named ? { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } : {};
  const length = status === 204 ? {} : { 'content-length': body.length };
  const isPage = headers['content-type']?.startsWith('text/html') === true;
  response.writeHead(status, {
    ...(isPage ? {} : { 'docker-distribution-api-version': 'registry/2.0' }),
    ...headers,
    ...digest,
    ...length,
  });
  if (what === 'truncated') {
    response.write(body.subarray(0, body.length / 2));
    await sleep(5);
    throw new Error('truncated');
  }
  if (what === 'slow' && method !== 'HEAD')
    for (let at = 0; at < body.length; at += Math.ceil(body.length / 5)) {
      response.write(body.subarray(at, at + Math.ceil(body.length / 5)));
      await sleep(10, undefined, { signal });
    }
  else if (method !== 'HEAD') response.write(body);
  response.end();
}

function changed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
