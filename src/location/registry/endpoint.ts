import { isIP } from 'node:net';
import { PithError, systemCode } from '../../core/index.ts';
import {
  Connections,
  drain,
  isUntrusted,
  networkError,
  type Answer,
  type ConnectionOptions,
  type TlsSettings,
} from '../../http/index.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import { isHtml, notRegistry, refusalOf, type Asked } from './refusal.ts';
import { certificateFolders, readNamedTrust, readTrust, withMachineTrust } from './trust.ts';

/** A registry that has answered. */
export interface Endpoint {
  /** `https://HOST[:PORT]/` */
  readonly base: URL;
  readonly connections: Connections;
  /** What it wants to know before it answers more. */
  readonly challenges: readonly Challenge[];
}

export interface EndpointOptions {
  readonly registry: string;
  /** `HOST[:PORT]` */
  readonly host: string;
  readonly insecure: boolean;
  /** A folder of certificates in place of the machine's. */
  readonly certificates: string | undefined;
  readonly connection: Omit<ConnectionOptions, 'tls'>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds out how a registry is talked to (distribution-spec 1.1, "Determining Support"): over https; on this machine over
 * http where that is spoken, and with `insecure` over http where https is not.
 * @throws REGISTRY_INVALID, REGISTRY_DENIED, USAGE for certificates that are none, HttpStatusError, and whatever
 *   `Connections` throw
 */
export async function findEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { registry, host, insecure, certificates, connection } = options;
  const own =
    certificates === undefined
      ? await readTrust(certificateFolders([registry, host], connection.env), connection.env)
      : await readNamedTrust(certificates, connection.env);
  const tls = insecure ? { ...own, verify: false } : own;
  return await tryAll(orderFor(host, insecure, own !== undefined), tls, options);
}

/** The protocols to try; own certificates say that there is TLS. */
function orderFor(host: string, insecure: boolean, hasCertificates: boolean): readonly string[] {
  if (isLoopback(host) && !hasCertificates) return ['http', 'https'];
  return isLoopback(host) || insecure ? ['https', 'http'] : ['https'];
}

/** Whether a host is this machine, by its name alone. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:[0-9]+$/, '').replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Tries one protocol after the other, as long as the failure may be for want of the right one. */
async function tryAll(
  order: readonly string[],
  tls: TlsSettings | undefined,
  options: EndpointOptions,
): Promise<Endpoint> {
  const failures: unknown[] = [];
  for (const protocol of order) {
    try {
      return await ping(protocol, tls, options);
    } catch (error) {
      if (protocol === 'https' && isUntrusted(error)) return await pingWithMachineTrust(tls, options, error);
      failures.push(error);
      if (!isOtherProtocol(error, options.host)) break;
    }
  }
  // What was tried last speaks for all, unless it shows that the first was right in its protocol.
  const [first, last = first] = failures;
  throw isOtherProtocol(last, options.host) ? first : last;
}

/** A server that speaks plain HTTP fails a TLS handshake; one that speaks TLS hangs up on plain HTTP, or answers 400. */
function isOtherProtocol(error: unknown, host: string): boolean {
  if (error instanceof WrongProtocol) return true;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = systemCode(error) ?? systemCode(cause) ?? '';
  const isClosedPort = code === 'ECONNREFUSED' && !/:[0-9]+$/.test(host);
  return isClosedPort || /^(?:EPROTO|ERR_SSL_|ECONNRESET$|HPE_)/.test(code);
}

class WrongProtocol extends PithError {}

async function pingWithMachineTrust(
  tls: TlsSettings | undefined,
  options: EndpointOptions,
  untrusted: unknown,
): Promise<Endpoint> {
  const { host, connection } = options;
  const more = await withMachineTrust(tls, connection.env);
  try {
    if (more) return await ping('https', more, options);
  } catch (error) {
    if (!isUntrusted(error)) throw error;
  }
  const { message } = networkError(untrusted, `https://${host}/`);
  throw new PithError('NETWORK_FAILED', `the certificate of ${host} is not trusted: ${message}`, {
    url: `https://${host}/`,
    hint: trustHint(untrusted, options),
    cause: untrusted,
  });
}

/** What helps depends on what is wrong: another authority makes no certificate valid for another name or time. */
function trustHint(untrusted: unknown, options: EndpointOptions): string {
  const cause = untrusted instanceof Error ? (untrusted.cause ?? untrusted) : untrusted;
  switch (systemCode(untrusted) ?? systemCode(cause)) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'Use a name that the certificate is for, or have one made for this name.';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'It has to be renewed by those who run the registry; check the clock of this machine, too.';
    default:
      return `Put the certificate of its authority into ${certificateFolder(options)}/ca.crt, or name it in NODE_EXTRA_CA_CERTS.`;
  }
}

/** Where certificates for a registry are best put. */
function certificateFolder({ registry, certificates, connection }: EndpointOptions): string {
  return certificates ?? certificateFolders([registry], connection.env)[0] ?? '';
}

/** What a server answers to the certificate of a client, or to its absence (RFC 8446, section 6.2). */
const CERTIFICATE_ALERT = /alert (?:(?:bad|unsupported) certificate|certificate|unknown ca|access denied)\b/;

/** What OpenSSL makes of a server that answers to a TLS handshake in plain text. */
const NO_TLS = /wrong version number|packet length too long|http request/i;

/** Asks for `/v2/`, over one protocol. */
async function ping(
  protocol: string,
  tls: TlsSettings | undefined,
  options: EndpointOptions,
): Promise<Endpoint> {
  try {
    return await pingOnce(protocol, tls, options);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (protocol === 'https' && NO_TLS.test(error.message))
      throw new WrongProtocol('NETWORK_FAILED', `${options.host} does not speak TLS`, {
        url: `https://${options.host}/`,
        hint: 'Check the port. If it is meant to speak plain HTTP, which anybody on the way can read and change, --insecure allows that.',
        cause: error,
      });
    if (!CERTIFICATE_ALERT.test(error.message)) throw error;
    const shown = tls?.cert === undefined ? '' : ', and does not take the one that it was shown';
    throw new PithError('NETWORK_FAILED', `${options.host} wants a certificate of its clients${shown}`, {
      url: `https://${options.host}/`,
      hint: `Put yours into ${certificateFolder(options)} as client.cert, and its key as client.key.`,
      cause: error,
    });
  }
}

async function pingOnce(
  protocol: string,
  tls: TlsSettings | undefined,
  { registry, host, connection, signal }: EndpointOptions,
): Promise<Endpoint> {
  const base = new URL(`${protocol}://${host}/`);
  const connections = new Connections({ ...connection, ...(protocol === 'https' ? { tls } : {}) });
  const asked: Asked = { registry, purpose: 'the question whether it is one' };
  const answer = await connections.send(new URL('v2/', base), {
    method: 'GET',
    headers: { 'user-agent': 'pith', 'accept-encoding': 'identity' },
    signal,
  });
  const challenges = await challengesOf(answer, protocol, asked);
  return { base, connections, challenges };
}

async function challengesOf(answer: Answer, protocol: string, asked: Asked): Promise<Challenge[]> {
  const { status, headers } = answer;
  const isRegistry = 'docker-distribution-api-version' in headers || !isHtml(answer);
  if (status === 401 && (isRegistry || 'www-authenticate' in headers)) {
    await drain(answer);
    return parseChallenges(headers['www-authenticate'] ?? '');
  }
  if (status === 200 && isRegistry) {
    await drain(answer);
    return [];
  }
  if (status === 400 && protocol === 'http') {
    await drain(answer);
    throw new WrongProtocol('REGISTRY_INVALID', notRegistry(asked, answer).message);
  }
  if (status === 403 || status === 429 || status >= 500) throw await refusalOf(answer, asked);
  await drain(answer);
  throw notRegistry(asked, answer);
}
