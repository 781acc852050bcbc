import { openZip, type ZipArchive } from '../../../archive/index.ts';
import { foundPackage } from '../found-package.ts';
import type { FoundPackage } from '../model.ts';
import { packageOfManifest } from './coordinates.ts';
import { readManifest, readProperties } from './manifest.ts';
import { readPomLicences } from './pom-licences.ts';

const MANIFEST = 'META-INF/MANIFEST.MF';
const POM_PROPERTIES = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;
const LIBRARY = /\.[jw]ar$/i;

/** A web archive in an enterprise archive with libraries: three levels. */
const MAX_DEPTH = 3;
/** Of one file: jars in it, packages in it, and bytes that are unpacked of it. */
const MAX_JARS = 10_000;
const MAX_PACKAGES = 20_000;
/** Characters of the path of a jar in a jar. */
const MAX_NAME = 512;
const MAX_UNPACKED = 512 << 20;
const MAX_TEXT = 4 << 20;

interface Nested {
  readonly bytes: Buffer;
  /** File name. */
  readonly name: string;
  /** Path in the outermost archive; nothing for that itself. */
  readonly member: string | undefined;
  readonly depth: number;
}

/**
 * The packages in a jar, war or ear, and in the jars in it: each Maven project whose pom.properties it has (shaded ones
 * too), else what its manifest or its file name say.
 * @param name of the file, without folders
 * @returns what could be read; nothing for what is no archive
 */
export async function packagesOfArchive(bytes: Buffer, name: string): Promise<FoundPackage[]> {
  const survey = new Survey();
  await survey.add({ bytes, name, member: undefined, depth: 1 });
  return [...survey.packages.values()];
}

class Survey {
  /** By package URL and place. */
  readonly packages = new Map<string, FoundPackage>();
  #jars = 0;
  #unpacked = 0;

  async add(archive: Nested): Promise<void> {
    const { bytes, name, member, depth } = archive;
    if (depth > MAX_DEPTH || ++this.#jars > MAX_JARS) return;
    const zip = await openAll(bytes, name);
    if (!zip) return;
    const projects = [...zip.members.keys()].filter((one) => POM_PROPERTIES.test(one));
    for (const path of projects) this.#keep(await this.#projectOf(zip, path, member));
    if (projects.length === 0 && zip.members.has(MANIFEST)) {
      const manifest = readManifest((await this.#text(zip, MANIFEST)) ?? '');
      this.#keep(packageOfManifest(manifest, name, member));
    } else if (projects.length === 0) this.#keep(packageOfManifest(new Map(), name, member));
    for (const { name: inner } of zip.members.values())
      if (LIBRARY.test(inner) && inner.length <= MAX_NAME) await this.#addMember(zip, inner, archive);
  }

  #keep(found: FoundPackage | undefined): void {
    const key = `${found?.purl ?? ''} ${found?.member ?? ''}`;
    if (found && !this.packages.has(key) && this.packages.size < MAX_PACKAGES) this.packages.set(key, found);
  }

  async #projectOf(
    zip: ZipArchive,
    path: string,
    member: string | undefined,
  ): Promise<FoundPackage | undefined> {
    const values = readProperties((await this.#text(zip, path)) ?? '');
    const [group, artifact, version] = ['groupId', 'artifactId', 'version'].map(
      (key) => values.get(key) ?? '',
    );
    if (!isCoordinate(group) || !isCoordinate(artifact) || !isCoordinate(version)) return undefined;
    const pom = await this.#text(zip, path.replace(/pom\.properties$/, 'pom.xml'));
    return foundPackage({
      type: 'maven',
      name: `${group}:${artifact}`,
      version,
      licences: readPomLicences(pom ?? ''),
      member,
    });
  }

  async #addMember(zip: ZipArchive, path: string, { member, depth }: Nested): Promise<void> {
    const bytes = await this.#bytes(zip, path, MAX_UNPACKED);
    if (!bytes) return;
    const place = member === undefined ? path : `${member}!/${path}`;
    await this.add({ bytes, name: path.slice(path.lastIndexOf('/') + 1), member: place, depth: depth + 1 });
  }

  async #text(zip: ZipArchive, path: string): Promise<string | undefined> {
    return (await this.#bytes(zip, path, MAX_TEXT))?.toString('utf8');
  }

  /** Nothing for a member that is absent or damaged, or when enough was unpacked. */
  async #bytes(zip: ZipArchive, path: string, limit: number): Promise<Buffer | undefined> {
    this.#unpacked += zip.members.get(path)?.size ?? 0;
    if (!zip.members.has(path) || this.#unpacked > MAX_UNPACKED) return undefined;
    try {
      const { buffer, byteOffset, byteLength } = await zip.read(path, limit);
      return Buffer.from(buffer, byteOffset, byteLength);
    } catch {
      return undefined;
    }
  }
}

async function openAll(bytes: Buffer, what: string): Promise<ZipArchive | undefined> {
  try {
    return await openZip(
      ({ start, length }) => Promise.resolve(bytes.subarray(start, start + length)),
      bytes.length,
      what,
    );
  } catch {
    return undefined;
  }
}

/** Not empty, and no variable that the build left in place. */
function isCoordinate(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_][^\s:/${}]*$/.test(text);
}
