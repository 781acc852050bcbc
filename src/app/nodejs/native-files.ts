import { mapConcurrent } from '../../core/index.ts';
import { invalid, readJson } from '../common/documents.ts';
import { formatOf } from '../common/native-format.ts';
import { list } from '../common/left-out.ts';
import { baseOf, follow, isIn, join } from '../common/paths.ts';
import { textsAt } from '../common/values.ts';
import type { Project, ProjectFile } from '../model.ts';

/** What is compiled among the files of an application. */
export interface NativeFiles {
  /** Programs and libraries for Linux. */
  readonly binaries: readonly string[];
  /** Files, and folders with all that is in them, for other systems, and links to them. */
  readonly isForeign: (path: string) => boolean;
  readonly notes: readonly string[];
}

const LIBRARY = /\.(?:node|so(?:\.\d+)*)$/;
const SCRIPT = /\.(?:[cm]?[jt]sx?|sh|py|rb|pl|cmd|ps1|bat|json|md|map|txt|html|css|wasm)$/i;
const SYSTEMS =
  'darwin|macos|win32|windows|android|freebsd|openbsd|netbsd|sunos|aix|openharmony|linuxmusl|musl';
const FOREIGN_NAME = new RegExp(`(?:^|[-_./])(?:${SYSTEMS})(?=[-_./\\d]|$)`);
const PLATFORM_PARTS = new RegExp(
  `[-_.](?:${SYSTEMS}|linux|gnu|gnueabihf|glibc|msvc|eabi|musleabihf|x64|x86|ia32|arm64|arm|armv7|universal|s390x|ppc64|ppc64le|riscv64|loong64|wasm32|wasi)(?=[-_.]|$)`,
  'g',
);

interface Candidate {
  readonly path: string;
  readonly isLibrary: boolean;
  /** Folder of its package in node_modules; empty for those of the application itself. */
  readonly owner: string;
  readonly format: 'elf' | 'foreign';
}

/**
 * Finds the programs and libraries among the files that are packed (`*.node`, `*.so*`, executable files), and what of them is
 * clearly for another system: by its format (Mach-O, PE), by `os` and `libc` of its package, or by a name such as
 * `prebuilds/darwin-x64`.
 * @throws PithError APP_INVALID if a package has native parts for other systems only
 */
export async function findNativeFiles(
  project: Project,
  packed: readonly ProjectFile[],
): Promise<NativeFiles> {
  const candidates = await findCandidates(project, packed);
  const owners = [...new Set(candidates.map(({ owner }) => owner))].filter((owner) => owner !== '');
  const declared = new Set<string>();
  for (const owner of owners) if (await isForForeign(project, owner)) declared.add(owner);
  checkFamilies(declared, packed);
  const rest = candidates.filter(({ owner }) => !declared.has(owner));
  const isAlien = ({ format, path, owner }: Candidate): boolean =>
    format === 'foreign' || FOREIGN_NAME.test(path.slice(owner === '' ? 0 : owner.length + 1));
  const aliens = rest.filter(isAlien);
  const binaries = rest.filter((candidate) => !isAlien(candidate));
  checkOwners(aliens, binaries);
  const files = new Set(aliens.map(({ path }) => path));
  const isForeign = (path: string): boolean =>
    files.has(path) || above(path).some((folder) => declared.has(folder));
  const named = [...declared, ...files];
  return {
    binaries: binaries.map(({ path }) => path),
    isForeign: (path) => {
      if (named.length === 0) return false;
      if (project.files.get(path)?.type !== 'symlink') return isForeign(path);
      const place = follow(project, path);
      return place !== undefined && (isForeign(place) || declared.has(place));
    },
    notes:
      named.length === 0
        ? []
        : [
            `left out, for it is not for Linux with glibc: ${list(named.map((path) => path.replace(/^.*node_modules\//, '')))}`,
          ],
  };
}

async function findCandidates(project: Project, packed: readonly ProjectFile[]): Promise<Candidate[]> {
  const likely = packed.filter(
    ({ path, type, size, isExecutable }) =>
      type === 'file' && size > 64 && (LIBRARY.test(path) || (isExecutable && !SCRIPT.test(path))),
  );
  const found = await mapConcurrent(likely, 8, async ({ path }): Promise<Candidate[]> => {
    const format = await formatOf(project, path);
    return format ? [{ path, isLibrary: LIBRARY.test(path), owner: ownerOf(path), format }] : [];
  });
  return found.flat();
}

/** The folder of the package that a file belongs to; the empty text outside of node_modules. */
export function ownerOf(path: string): string {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? '';
}

/** Whether package.json says that a package is not for Linux with glibc (npm documentation, `os`, `libc`). */
async function isForForeign(project: Project, owner: string): Promise<boolean> {
  const manifest = (await readJson(project, join(owner, 'package.json'))) ?? {};
  const excludes = (names: readonly string[], name: string): boolean =>
    names.includes(`!${name}`) || (names.some((one) => !one.startsWith('!')) && !names.includes(name));
  return excludes(textsAt(manifest, 'os'), 'linux') || excludes(textsAt(manifest, 'libc'), 'glibc');
}

/** Packages for one platform each, such as @img/sharp-darwin-arm64, come in families: one of them has to be for Linux. */
function checkFamilies(declared: ReadonlySet<string>, packed: readonly ProjectFile[]): void {
  if (declared.size === 0) return;
  const families = new Set(
    packed
      .filter(({ path }) => path.endsWith('/package.json'))
      .map(({ path }) => path.slice(0, -'/package.json'.length))
      .filter((folder) => folder === ownerOf(`${folder}/x`) && !declared.has(folder))
      .map(familyOf),
  );
  for (const folder of declared) {
    const family = familyOf(folder);
    if (family === nameOf(folder) || families.has(family)) continue;
    throw invalid(
      `${folder} is for another system, and there is no package of its kind for Linux with glibc`,
      'Install for Linux: `npm ci --omit=dev --os=linux --libc=glibc --cpu=x64` (or in a container of Debian).',
      folder,
    );
  }
}

/** A package by its name without the parts that tell the platform; itself if there are none. */
function familyOf(folder: string): string {
  const name = nameOf(folder);
  return `/${name}`.replace(PLATFORM_PARTS, '').slice(1);
}

function nameOf(folder: string): string {
  return folder.replace(/^.*node_modules\//, '');
}

function checkOwners(aliens: readonly Candidate[], binaries: readonly Candidate[]): void {
  const served = new Set(binaries.map(({ owner }) => owner));
  const lost = aliens.find(({ owner, isLibrary }) => isLibrary && !served.has(owner));
  if (lost)
    throw invalid(
      `${lost.path} is for another system, and ${lost.owner === '' ? 'nothing beside it' : `nothing in ${lost.owner}`} is for Linux with glibc`,
      `Install ${lost.owner === '' ? baseOf(lost.path) : nameOf(lost.owner)} on Linux (such as in a container of Debian), and pack again.`,
      lost.path,
    );
}

function above(path: string): string[] {
  const owner = ownerOf(path);
  const folders: string[] = [];
  for (let folder = owner; folder !== ''; folder = ownerOf(folder)) folders.push(folder);
  return folders.filter((folder) => isIn(folder, path));
}
