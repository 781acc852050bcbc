import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { digestOf } from '../core/index.ts';
import { readManifest } from './registry-manifest.ts';

/** One request to the registry of the tests, read whole. */
export interface TestRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether the body broke off; what has come is in `body`. */
  readonly isBroken: boolean;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ProtocolOptions {
  /** Whether it keeps lists of referrers; true unless told. */
  readonly referrers?: boolean;
  /** Whether it mounts blobs; true unless told. */
  readonly mounts?: boolean;
  /** Whether it answers with parts of blobs; true unless told. */
  readonly ranges?: boolean;
  /** Whether answers to HEAD say the digest; true unless told. */
  readonly headDigest?: boolean;
  /** Entries of a page of a list. */
  readonly pageSize?: number;
  /** Bytes of a chunk at least; said and enforced. */
  readonly smallestChunk?: number;
  /** A larger body is answered with 413. */
  readonly largestBody?: number;
  /** The address before the path of an upload: absolute addresses; relative ones unless told. */
  readonly uploadBase?: string;
  /** Redirects readers of blobs to another host. */
  readonly blobBase?: string;
  /** Answers every change like this. */
  readonly refuseChanges?: TestAnswer;
}

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

class TestRepository {
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, Stored>();
  readonly tags = new Map<string, string>();

  /** The digest that a tag or digest stands for, if it is there. */
  resolve(reference: string): string | undefined {
    const digest = reference.startsWith('sha256:') ? reference : this.tags.get(reference);
    return digest !== undefined && this.manifests.has(digest) ? digest : undefined;
  }
}

interface UploadSession {
  bytes: Buffer;
  /** Changes at each step, so that only the newest address works. */
  state: string;
}

const ROUTE = /^\/v2\/(.+)\/(blobs|manifests|tags|referrers)\/(.*)$/;

/** The distribution-spec 1.1 on the registry's side, in memory. It takes nothing that is not whole and in order. */
export class RegistryProtocol {
  readonly repositories = new Map<string, TestRepository>();
  readonly uploads = new Map<string, UploadSession>();
  readonly #options: ProtocolOptions;

  constructor(options: ProtocolOptions = {}) {
    this.#options = options;
  }

  repository(name: string): TestRepository {
    const repository = this.repositories.get(name) ?? new TestRepository();
    this.repositories.set(name, repository);
    return repository;
  }

  answer(request: TestRequest): TestAnswer {
    const { method, url } = request;
    const { largestBody = Infinity, refuseChanges } = this.#options;
    if (url.pathname === '/v2/') return { status: 200, body: '{}' };
    if (refuseChanges && method !== 'GET' && method !== 'HEAD') return refuseChanges;
    if (request.body.length > largestBody) return { status: 413, body: 'request entity too large' };
    if (url.pathname === '/v2/_catalog')
      return this.#page(url, 'repositories', [...this.repositories.keys()].sort());
    const [, name = '', kind, rest = ''] = ROUTE.exec(url.pathname) ?? [];
    switch (kind) {
      case 'blobs':
        return rest.startsWith('uploads/')
          ? this.#upload(name, rest.slice(8), request)
          : this.#blob(name, rest, request);
      case 'manifests':
        return this.#manifest(name, rest, request);
      case 'tags': {
        const repository = this.repositories.get(name);
        if (!repository) return fault(404, 'NAME_UNKNOWN');
        return this.#page(url, 'tags', [...repository.tags.keys()].sort());
      }
      case 'referrers':
        return this.#referrers(name, rest, url);
      default:
        return { status: 404, body: 'page not found' };
    }
  }

  #page(url: URL, key: string, items: readonly string[]): TestAnswer {
    const last = url.searchParams.get('last');
    const size = Math.min(Number(url.searchParams.get('n') ?? Infinity), this.#options.pageSize ?? Infinity);
    const rest = items.filter((item) => last === null || item > last);
    const page = rest.slice(0, size);
    const next = `<${url.pathname}?n=${size}&last=${encodeURIComponent(page.at(-1) ?? '')}>; rel="next"`;
    return json(200, { [key]: page.length === 0 ? null : page }, rest.length > size ? { link: next } : {});
  }

  #blob(name: string, digest: string, { method, headers }: TestRequest): TestAnswer {
    const blobs = this.repositories.get(name)?.blobs;
    const bytes = blobs?.get(digest);
    if (!bytes) return fault(404, 'BLOB_UNKNOWN');
    if (method === 'DELETE') {
      blobs?.delete(digest);
      return { status: 202 };
    }
    if (this.#options.blobBase !== undefined && method === 'GET')
      return { status: 307, headers: { location: `${this.#options.blobBase}/${digest}` } };
    const common = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest };
    const start = Number(/^bytes=([0-9]+)-$/.exec(String(headers.range))?.[1] ?? NaN);
    if (Number.isNaN(start) || this.#options.ranges === false)
      return { status: 200, headers: common, body: bytes };
    if (start >= bytes.length)
      return { status: 416, headers: { 'content-range': `bytes */${bytes.length}` } };
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    return { status: 206, headers: { ...common, 'content-range': range }, body: bytes.subarray(start) };
  }

  #upload(name: string, id: string, request: TestRequest): TestAnswer {
    const { method, url } = request;
    if (method === 'POST') return this.#openUpload(name, url);
    const session = this.uploads.get(id);
    if (!session || /^\?_state=([^&]*)/.exec(url.search)?.[1] !== session.state)
      return fault(404, 'BLOB_UPLOAD_UNKNOWN');
    switch (method) {
      case 'GET':
        return { status: 204, headers: this.#positionOf(name, id, session) };
      case 'DELETE':
        this.uploads.delete(id);
        return { status: 204 };
      case 'PATCH':
        return this.#patch(name, id, session, request);
      case 'PUT':
        return this.#complete(name, id, session, request);
      default:
        return fault(405, 'UNSUPPORTED');
    }
  }

  #openUpload(name: string, url: URL): TestAnswer {
    const digest = url.searchParams.get('mount') ?? '';
    const from = this.repositories.get(url.searchParams.get('from') ?? '')?.blobs.get(digest);
    if (from && this.#options.mounts !== false) {
      this.repository(name).blobs.set(digest, from);
      return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}` } };
    }
    const id = randomUUID();
    const session = { bytes: Buffer.alloc(0), state: newState() };
    this.uploads.set(id, session);
    const { smallestChunk } = this.#options;
    const minimum = smallestChunk === undefined ? {} : { 'oci-chunk-min-length': String(smallestChunk) };
    return { status: 202, headers: { ...this.#positionOf(name, id, session), ...minimum } };
  }

  #positionOf(name: string, id: string, { bytes, state }: UploadSession): Record<string, string> {
    const location = `${this.#options.uploadBase ?? ''}/v2/${name}/blobs/uploads/${id}?_state=${state}`;
    return { location, range: `0-${Math.max(0, bytes.length - 1)}`, 'docker-upload-uuid': id };
  }

  #patch(
    name: string,
    id: string,
    session: UploadSession,
    { headers, body, isBroken }: TestRequest,
  ): TestAnswer {
    const [, start = '', end = ''] = /^([0-9]+)-([0-9]+)$/.exec(String(headers['content-range'])) ?? [];
    if (Number(start) !== session.bytes.length) return fault(416, 'RANGE_INVALID');
    if (!isBroken && Number(end) - Number(start) + 1 !== body.length) return fault(400, 'SIZE_INVALID');
    session.bytes = Buffer.concat([session.bytes, body]);
    if (!isBroken) session.state = newState();
    return { status: 202, headers: this.#positionOf(name, id, session) };
  }

  #complete(
    name: string,
    id: string,
    session: UploadSession,
    { url, body, isBroken }: TestRequest,
  ): TestAnswer {
    session.bytes = Buffer.concat([session.bytes, body]);
    if (isBroken) return fault(499, 'BROKEN');
    const digest = url.searchParams.get('digest') ?? '';
    if (digestOf(session.bytes) !== digest) return fault(400, 'DIGEST_INVALID');
    this.repository(name).blobs.set(digest, session.bytes);
    this.uploads.delete(id);
    return {
      status: 201,
      headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest },
    };
  }

  #manifest(name: string, reference: string, request: TestRequest): TestAnswer {
    const { method, headers, body, isBroken } = request;
    if (method === 'PUT')
      return isBroken ? fault(499, 'BROKEN') : this.#putManifest(name, reference, headers, body);
    const repository = this.repositories.get(name);
    const digest = repository?.resolve(reference);
    const stored = repository?.manifests.get(digest ?? '');
    if (!repository || digest === undefined || !stored) return fault(404, 'MANIFEST_UNKNOWN');
    if (method === 'DELETE') {
      repository.tags.delete(reference);
      if (reference === digest) {
        repository.manifests.delete(digest);
        for (const [tag, target] of repository.tags) if (target === digest) repository.tags.delete(tag);
      }
      return { status: 202 };
    }
    const says = method === 'GET' || this.#options.headDigest !== false;
    const digestHeader = says ? { 'docker-content-digest': digest } : {};
    return { status: 200, headers: { 'content-type': stored.type, ...digestHeader }, body: stored.bytes };
  }

  #putManifest(name: string, reference: string, headers: TestRequest['headers'], bytes: Buffer): TestAnswer {
    const repository = this.repository(name);
    const digest = digestOf(bytes);
    if (reference.startsWith('sha256:') && reference !== digest) return fault(400, 'DIGEST_INVALID');
    const { blobs, manifests, subject } = readManifest(bytes);
    if (blobs.some((blob) => !repository.blobs.has(blob))) return fault(404, 'MANIFEST_BLOB_UNKNOWN');
    if (manifests.some((one) => !repository.manifests.has(one) && !repository.blobs.has(one)))
      return fault(404, 'MANIFEST_UNKNOWN');
    repository.manifests.set(digest, { type: String(headers['content-type']), bytes });
    if (reference !== digest) repository.tags.set(reference, digest);
    const subjectHeader: Record<string, string> =
      subject !== undefined && this.#options.referrers !== false ? { 'oci-subject': subject } : {};
    return { status: 201, headers: { 'docker-content-digest': digest, ...subjectHeader } };
  }

  #referrers(name: string, digest: string, url: URL): TestAnswer {
    if (this.#options.referrers === false) return { status: 404, body: 'page not found' };
    const wanted = url.searchParams.get('artifactType');
    const all = [...(this.repositories.get(name)?.manifests ?? [])].flatMap(([own, { type, bytes }]) => {
      const { subject, artifactType, annotations } = readManifest(bytes);
      if (subject !== digest || (wanted !== null && artifactType !== wanted)) return [];
      return [{ mediaType: type, digest: own, size: bytes.length, artifactType, annotations }];
    });
    const start = Number(url.searchParams.get('start') ?? 0);
    const end = start + (this.#options.pageSize ?? Infinity);
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: all.slice(start, end),
    };
    return json(200, index, end < all.length ? { link: `<${url.pathname}?start=${end}>; rel=next` } : {});
  }
}

/** Nobody but the registry knows what is in it, so clients must give it back as it is. */
function newState(): string {
  return `${randomUUID()}%2B%3D%3D`;
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): TestAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** An error as registries give it. */
export function fault(status: number, code: string, message = code.toLowerCase()): TestAnswer {
  return json(status, { errors: [{ code, message, detail: {} }] });
}
