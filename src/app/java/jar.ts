import { asApplication } from '../common/as-application.ts';
import { openZip, type ZipArchive } from '../../archive/index.ts';
import type { Project } from '../model.ts';
import { type Manifest, parseManifest } from './manifest.ts';

const MANIFEST = 'META-INF/MANIFEST.MF';
/** A manifest that signs many files is large. */
const MAX_MANIFEST = 16 << 20;
/** A jar in a jar that is packed once more has to be unpacked whole to be looked at. */
const MAX_PACKED = 64 << 20;

/** A jar or war of the project. */
export interface Jar {
  readonly path: string;
  readonly zip: ZipArchive;
  /** Empty if it has none. */
  readonly manifest: Manifest;
}

export function isJarName(path: string): boolean {
  return /\.[jw]ar$/i.test(path);
}

/** @throws PithError APP_INVALID for what Java could not open either */
export function openJar(project: Project, path: string): Promise<Jar> {
  return asApplication(path, async () => {
    const size = project.files.get(path)?.size ?? 0;
    const zip = await openZip((range) => project.read(path, range), size, path);
    return { path, zip, manifest: await readManifest(zip, path) };
  });
}

/** A jar that is a member of a jar. */
export async function openNested({ path, zip }: Jar, name: string): Promise<ZipArchive> {
  return asApplication(path, () => openMember(zip, path, name));
}

async function openMember(zip: ZipArchive, path: string, name: string): Promise<ZipArchive> {
  const { start, size, isDeflated } = await zip.locate(name);
  const what = `${path}: ${name}`;
  if (isDeflated) {
    const bytes = await zip.read(name, MAX_PACKED);
    return openZip(
      (range) => Promise.resolve(bytes.subarray(range.start, range.start + range.length)),
      size,
      what,
    );
  }
  return openZip((range) => zip.readRange(start, size, range), size, what);
}

async function readManifest(zip: ZipArchive, path: string): Promise<Manifest> {
  if (!zip.members.has(MANIFEST)) return new Map();
  return parseManifest(await zip.read(MANIFEST, MAX_MANIFEST), `${path}: ${MANIFEST}`);
}

/** Text of a member, undefined if there is none. @throws PithError APP_INVALID */
export function readTextOf({ path, zip }: Jar, name: string): Promise<string | undefined> {
  return asApplication(path, async () =>
    zip.members.has(name) ? Buffer.from(await zip.read(name, MAX_MANIFEST)).toString('utf8') : undefined,
  );
}
