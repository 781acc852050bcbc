import { digestOf, PithError, redact, type Digest } from '../../core/index.ts';
import { isNotFound, statusOf, type Http, type HttpResponse } from '../../http/index.ts';
import type { Cache } from '../contract.ts';
import type { Keyring } from './keyring.ts';
import type { Mirror, SuiteSpec } from './mirrors.ts';
import { isSafePath } from './path.ts';
import { parseRelease, type Release, type ReleaseFile } from './release.ts';
import { verifyInRelease, type Signer } from './trust.ts';

/** What is known of a suite after its InRelease has been verified. A plain JSON value. */
export interface SuiteState {
  archive: string;
  suite: string;
  /** When the archive published it, ISO 8601. */
  date: string;
  validUntil?: string;
  /** Digest of the InRelease file. */
  digest: Digest;
  /** Base address of the mirror that it came from. */
  mirror: string;
  architectures: readonly string[];
  acquireByHash: boolean;
  separateAll: boolean;
  /** When it was last asked for, ISO 8601. */
  checkedAt: string;
  /** The indexes of packages and of contents that it lists. */
  files: Readonly<Record<string, ReleaseFile>>;
  /** Fingerprints of the trusted keys that signed it. */
  signedBy: readonly string[];
}

/** Something that the user should know though it is no error. */
export interface Note {
  kind:
    'mirror-skipped' | 'architecture-missing' | 'index-unavailable' | 'contents-unavailable' | 'check-waived';
  suite: string;
  message: string;
}

export interface SuiteContext {
  cache: Cache;
  http: Http;
  keyring: Keyring;
  now: Date;
  /** Seconds for which a suite that was looked at is not looked at again. */
  maxAge: number;
  /** Whether a release that is past its Valid-Until is refused. */
  checkValidUntil: boolean;
  /** Whether a release that is older than the one seen before is accepted. */
  allowOlder: boolean;
  onNote: (note: Note) => void;
}

/** What the cache keeps of a suite. */
interface SuiteRecord {
  state: SuiteState;
  keyring: Digest;
  /** When the last of the signatures ceases to count, ISO 8601. */
  trustedUntil?: string;
  etag?: string;
  lastModified?: string;
}

const RECORD_KIND = 'suite-2';
const MAX_BYTES = 16 << 20;
const INDEX_FILE = /^[^/]+\/(?:binary-[^/]+\/Packages|Contents-(?!udeb-)[^/.]+)(?:\.xz|\.gz)?$/;

/**
 * Brings what is known of a suite up to date: from the cache if it was checked within `maxAge`, else from the first mirror
 * that offers the suite. A mirror that is unreachable or does not have the suite is passed over with a note; one
 * whose answer is not trustworthy is an error, except that an apt source signed by others is taken for another archive.
 *
 * @throws PithError SUITE_NOT_FOUND, RELEASE_INVALID, RELEASE_EXPIRED, RELEASE_OLDER, SIGNATURE_INVALID,
 *   SIGNATURE_UNKNOWN_KEY, KEYRING_INVALID, NETWORK_FAILED, NETWORK_CONTENT, OFFLINE
 */
export async function refreshSuite(
  spec: SuiteSpec,
  mirrors: readonly Mirror[],
  context: SuiteContext,
): Promise<SuiteState> {
  const { cache, now } = context;
  const key = `${spec.archive}.${spec.suite}`;
  const record = readSuite(key, mirrors, cache);
  const usable = record && isUsable(record, mirrors, context) ? record : undefined;
  if (usable && isFresh(usable, context)) {
    checkExpiry(usable.state, context);
    return usable.state;
  }
  const failures: Failure[] = [];
  for (const mirror of mirrors) {
    try {
      const patience = mirror === mirrors.at(-1) ? {} : { retries: 1 };
      const next = await refreshFrom(spec, mirror, usable, context, patience);
      checkExpiry(next.state, context);
      checkOrder(next.state, record?.state, context);
      const state = { ...next.state, checkedAt: now.toISOString() };
      await cache.writeRecord(RECORD_KIND, key, {
        ...next,
        state: { ...state, mirror: redact(state.mirror) },
      });
      return state;
    } catch (error) {
      if (!(error instanceof PithError) || !mayPass(error, mirror)) throw error;
      failures.push({ mirror, error });
      const message = `${mirror.uri} does not offer ${spec.suite}: ${error.message}`;
      context.onNote({ kind: 'mirror-skipped', suite: spec.suite, message });
    }
  }
  throw notFound(spec, failures);
}

/** What is known of a suite. The address of its mirror is kept without credentials; these come from the mirror as it is set now. */
function readSuite(key: string, mirrors: readonly Mirror[], cache: Cache): SuiteRecord | undefined {
  const record = cache.readRecord(RECORD_KIND, key) as SuiteRecord | undefined;
  const mirror = mirrors.find(({ uri }) => redact(uri) === record?.state.mirror);
  return record && mirror ? { ...record, state: { ...record.state, mirror: mirror.uri } } : record;
}

function isUsable(record: SuiteRecord, mirrors: readonly Mirror[], { keyring, now }: SuiteContext): boolean {
  return (
    record.keyring === keyring.digest &&
    (record.trustedUntil === undefined || now < new Date(record.trustedUntil)) &&
    mirrors.some(({ uri }) => uri === record.state.mirror)
  );
}

function isFresh({ state }: SuiteRecord, { http, now, maxAge }: SuiteContext): boolean {
  const age = now.getTime() - new Date(state.checkedAt).getTime();
  return http.offline || (age >= 0 && age < maxAge * 1000);
}

async function refreshFrom(
  spec: SuiteSpec,
  mirror: Mirror,
  known: SuiteRecord | undefined,
  context: SuiteContext,
  patience: { retries?: number },
): Promise<SuiteRecord> {
  if (!isSafePath(spec.suite))
    throw new PithError('DEFINITION_INVALID', `${JSON.stringify(spec.suite)} is not the name of a suite`, {
      hint: 'Suites are named like trixie, trixie-updates or trixie-security.',
    });
  const url = `${mirror.uri}/dists/${spec.suite}/InRelease`;
  const isSame = known?.state.mirror === mirror.uri;
  const response = await context.http.get(url, {
    maxBytes: MAX_BYTES,
    ...patience,
    ...(isSame ? { ifNoneMatch: known.etag, ifModifiedSince: known.lastModified } : {}),
  });
  if (known && response.status === 304) return known;
  const digest = digestOf(response.body);
  const validators = validatorsOf(response);
  // The same bytes were verified with the same keys before.
  if (known?.state.digest === digest)
    return { ...withoutValidators(known), ...validators, state: { ...known.state, mirror: mirror.uri } };

  const { text, signers } = await verifyInRelease(response.body, context.keyring, context.now, url);
  const release = parseRelease(text, url);
  if (release.codename !== spec.suite && release.suite !== spec.suite)
    throw new PithError(
      'RELEASE_INVALID',
      `${url} is of the suite ${release.codename || release.suite}, not ${spec.suite}`,
      { url, hint: 'The mirror mixes up its suites: choose another one.' },
    );
  const trustedUntil = latestExpiry(signers);
  return {
    state: stateOf(release, spec, mirror, digest, signers),
    keyring: context.keyring.digest,
    ...(trustedUntil === undefined ? {} : { trustedUntil: trustedUntil.toISOString() }),
    ...validators,
  };
}

function stateOf(
  release: Release,
  spec: SuiteSpec,
  mirror: Mirror,
  digest: Digest,
  signers: readonly Signer[],
): SuiteState {
  return {
    archive: spec.archive,
    suite: spec.suite,
    date: release.date.toISOString(),
    ...(release.validUntil ? { validUntil: release.validUntil.toISOString() } : {}),
    digest,
    mirror: mirror.uri,
    architectures: release.architectures,
    acquireByHash: release.acquireByHash,
    separateAll: release.separateAll,
    checkedAt: '',
    files: Object.fromEntries([...release.files].filter(([path]) => INDEX_FILE.test(path))),
    signedBy: signers.map((signer) => signer.fingerprint),
  };
}

function validatorsOf({ headers }: HttpResponse): Pick<SuiteRecord, 'etag' | 'lastModified'> {
  const etag = headers['etag'];
  const lastModified = headers['last-modified'];
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

function withoutValidators({ state, keyring, trustedUntil }: SuiteRecord): SuiteRecord {
  return { state, keyring, ...(trustedUntil === undefined ? {} : { trustedUntil }) };
}

/** Undefined if one of the signatures counts for ever. */
function latestExpiry(signers: readonly Signer[]): Date | undefined {
  if (signers.some((signer) => !signer.expiresAt)) return undefined;
  return new Date(Math.max(...signers.map((signer) => signer.expiresAt?.getTime() ?? 0)));
}

function checkExpiry(state: SuiteState, { now, checkValidUntil, onNote }: SuiteContext): void {
  if (state.validUntil === undefined || now <= new Date(state.validUntil)) return;
  const message = `the release of ${state.suite} at ${state.mirror} was valid until ${state.validUntil} only`;
  if (!checkValidUntil) {
    onNote({ kind: 'check-waived', suite: state.suite, message });
    return;
  }
  throw new PithError('RELEASE_EXPIRED', message, {
    url: state.mirror,
    hint: 'The mirror is out of date, or this machine’s clock is wrong. For an old state on purpose use `--no-check-valid-until`.',
  });
}

function checkOrder(
  state: SuiteState,
  seen: SuiteState | undefined,
  { allowOlder, onNote }: SuiteContext,
): void {
  if (!seen || state.date >= seen.date) return;
  const message = `the release of ${state.suite} at ${state.mirror} is of ${state.date}, older than the one of ${seen.date} seen before`;
  if (allowOlder) {
    onNote({ kind: 'check-waived', suite: state.suite, message });
    return;
  }
  throw new PithError('RELEASE_OLDER', message, {
    url: state.mirror,
    hint: 'The mirror lags behind, or somebody holds security updates back: choose another mirror, or use `--allow-older`.',
  });
}

/** Whether the next mirror may be asked after this failure. */
function mayPass(error: PithError, mirror: Mirror): boolean {
  if (error.code === 'SIGNATURE_UNKNOWN_KEY') return mirror.origin === 'apt';
  return error.code === 'NETWORK_FAILED' || error.code === 'NETWORK_STATUS';
}

interface Failure {
  mirror: Mirror;
  error: PithError;
}

/** One error for all mirrors: that of a mirror that the user named and that has a fault says most. */
function notFound(spec: SuiteSpec, attempts: readonly Failure[]): PithError {
  const failures = attempts.map(({ error }) => error);
  const named = attempts.find(({ mirror, error }) => mirror.origin === 'option' && !isAnswer(error))?.error;
  const untrusted = failures.find((error) => error.code === 'SIGNATURE_UNKNOWN_KEY');
  const wasAnswered = failures.some(isAnswer);
  const [first] = failures;
  if (untrusted) return untrusted;
  if (first && !wasAnswered) return first;
  const tried = failures.map((error) => error.message).join('; ');
  const hint =
    named?.hint ??
    'Set a mirror with PITH_MIRROR (PITH_MIRROR_SECURITY for security suites), or check the name of the suite.';
  return new PithError(
    named?.code ?? 'SUITE_NOT_FOUND',
    `no mirror offers the suite ${spec.suite} of ${spec.archive}: ${tried || 'there is none to ask'}`,
    { hint, cause: first },
  );
}

/** Whether a failure says that a mirror works but does not have, or does not give, what was asked for. */
function isAnswer(error: PithError): boolean {
  return isNotFound(error) || statusOf(error) === 403;
}
