import type { Found } from '../../inspect/index.ts';
import type { Fault, Rule } from '../model.ts';
import { showText } from '../show.ts';
import type { Subject } from '../subject.ts';
import { closureOf, startedIds } from '../started.ts';

/** Where libraries look for certificates unless variables say otherwise: those of OpenSSL, GnuTLS and Go on the distributions. */
const BUNDLES = [
  'etc/ssl/certs/ca-certificates.crt',
  'etc/pki/tls/certs/ca-bundle.crt',
  'etc/ssl/ca-bundle.pem',
  'etc/pki/tls/cacert.pem',
  'etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  'etc/ssl/cert.pem',
];
const FOLDERS = [
  'etc/ssl/certs',
  'etc/pki/tls/certs',
  'usr/local/share/ca-certificates',
  'etc/pki/ca-trust/source/anchors',
];
/** A bundle in which fewer have expired than this share is as its maker publishes it. */
const USUAL_SHARE = 0.1;
const ZONES = ['usr/share/zoneinfo', 'usr/share/lib/zoneinfo', 'usr/lib/locale/TZ', 'etc/zoneinfo'];

/** Types of packages that distributions make. */
const OF_DISTRIBUTION: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm']);

export const CERTIFICATE_RULES: readonly Rule[] = [
  {
    id: 'missing-certificates',
    severity: 'warning',
    title: 'A program wants certificates that are not there',
    why: 'The program can speak TLS and looks for the certificates of authorities in the system. Without them, every connection fails (`certificate signed by unknown authority`).',
    mend: 'Build on an image with certificates (every one of the catalogue has them), or add `/etc/ssl/certs/ca-certificates.crt`. If the program brings its own or speaks to nobody, silence this.',
    *find(subject) {
      if (bundlesOf(subject).length > 0) return;
      yield* wishedBy(subject, 'certificates', 'it reads the certificates of the system, and there are none');
    },
  },
  {
    id: 'missing-time-zones',
    severity: 'warning',
    title: 'A program wants time zones that are not there',
    why: 'The program reads time zones of the system. Without them it knows UTC only: `Europe/Berlin` is an error, or silently UTC.',
    mend: 'Build on an image with time zones (every one of the catalogue has them), or add the package tzdata. If the program needs UTC only, silence this.',
    *find(subject) {
      const { tree } = subject.view;
      const folders = [subject.env.get('TZDIR'), subject.env.get('ZONEINFO'), ...ZONES];
      const hasZones = folders.some((folder) => {
        const id = folder === undefined || folder === '' ? undefined : tree.resolve(folder);
        return id !== undefined && (tree.type(id) !== 'directory' || tree.children(id).length > 0);
      });
      if (!hasZones)
        yield* wishedBy(subject, 'time-zones', 'it reads the time zones of the system, and there are none');
    },
  },
  {
    id: 'expired-authority',
    severity: 'note',
    title: 'The certificate of an authority has expired',
    why: 'Nothing that it signed is trusted any more. Many of them in a bundle mean that the bundle is old, and that newer authorities are missing. Bundles of distributions always have a few: less than a tenth is not told.',
    mend: 'Take newer certificates: rebuild the image with the newest ca-certificates.',
    *find(subject) {
      const { now } = subject.context;
      for (const { path, layer, fact } of bundlesOf(subject)) {
        const authorities = fact.certificates.filter(({ isAuthority }) => isAuthority);
        const expired = authorities.filter(({ notAfter }) => notAfter < now);
        if (expired.length < authorities.length * USUAL_SHARE) continue;
        for (const { subject: name, notAfter } of expired)
          yield { message: `${showText(name)} has expired on ${dayOf(notAfter)}`, path, layer };
      }
    },
  },
];

/** The certificates that programs of the image trust. */
function bundlesOf({ view, env }: Subject): readonly Found<'certificates'>[] {
  const { tree } = view;
  const folders = [env.get('SSL_CERT_DIR'), ...FOLDERS].flatMap((folder) => folder?.split(':') ?? []);
  const places = [env.get('SSL_CERT_FILE'), ...BUNDLES].filter((path) => path !== undefined && path !== '');
  const files = new Set(places.map((path) => tree.resolve(path ?? '')));
  const within = new Set(folders.filter((folder) => folder !== '').map((folder) => tree.resolve(folder)));
  return view.found('certificates').filter(({ id }) => files.has(id) || within.has(tree.parent(id)));
}

/**
 * Programs that the image starts with the libraries that they load, and what no package of a distribution brought: what such a
 * package can do is seldom done.
 */
function* wishedBy(subject: Subject, wish: 'certificates' | 'time-zones', message: string): Generator<Fault> {
  const started = new Set(
    [...startedIds(subject)].flatMap((id) => [id, ...closureOf(subject, id).map((file) => file.id)]),
  );
  for (const { id, path, layer, fact } of subject.view.found('wishes'))
    if (
      fact.wishes.includes(wish) &&
      (started.has(id) || !OF_DISTRIBUTION.has(subject.owners.get(path)?.type ?? ''))
    )
      yield { message, path, layer };
}

function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString().slice(0, 10);
}
