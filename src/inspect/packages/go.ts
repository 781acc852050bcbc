import { ELF_MAGIC, type GoBuild, type GoModule, openElf, readGoBuild } from '../../rootfs/index.ts';
import type { FileReader } from '../model.ts';
import { wholeFile } from '../whole-file.ts';
import { foundPackage, packagesFact } from './found-package.ts';
import type { FoundPackage } from './model.ts';

const MAX_PROGRAM = 256 << 20;
const NOTE_NAME = Buffer.from('Go\0\0');
/** Type of the note that holds Go's build id (Go: src/cmd/link/internal/ld/elf.go). */
const BUILD_ID = 4;
/** Go's own code, which each program has in it. */
const STANDARD_LIBRARY = 'stdlib';
const DEVELOPMENT = '(devel)';

/** Modules in programs that Go built. */
export const goReader: FileReader = {
  open({ size }, head) {
    if (size > MAX_PROGRAM || !isGo(head)) return undefined;
    return wholeFile(size, async (bytes) => packagesFact(await packagesOfProgram(bytes)));
  },
};

/** Every linker puts the note with Go's build id near the start of the file; strip(1) leaves it there. */
function isGo(head: Uint8Array): boolean {
  if (head[0] !== ELF_MAGIC[0]) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (!bytes.subarray(0, ELF_MAGIC.length).equals(ELF_MAGIC)) return false;
  for (let at = bytes.indexOf(NOTE_NAME); at >= 4; at = bytes.indexOf(NOTE_NAME, at + 1))
    if (bytes.readUInt32LE(at - 4) === BUILD_ID || bytes.readUInt32BE(at - 4) === BUILD_ID) return true;
  return false;
}

/** The main module of a program, those that are in it, and Go's standard library; nothing for what Go did not build. */
async function packagesOfProgram(bytes: Buffer): Promise<FoundPackage[]> {
  const file = await openElf(bytes.length, (start, length) =>
    Promise.resolve(bytes.subarray(start, start + length)),
  );
  const build = file && (await readGoBuild(file));
  if (!build) return [];
  const unique = new Map(modulesOf(build).map((one) => [`${one.path} ${one.version}`, one]));
  return [...unique.values()].flatMap(({ path, version }) => {
    return foundPackage({ type: 'golang', name: path, version }) ?? [];
  });
}

function modulesOf({ version, module, dependencies }: GoBuild): GoModule[] {
  return [
    ...(module ? [{ path: module.path, version: module.version || DEVELOPMENT }] : []),
    ...dependencies.map(installedModule),
    { path: STANDARD_LIBRARY, version: version.replace(/^go(?=\d)/, '').split(' ', 1)[0] ?? '' },
  ];
}

/** A module that was replaced by a folder keeps its name, but has no version. */
function installedModule({ path, version, replaces }: GoModule): GoModule {
  return replaces && /^(?:\.{0,2}\/|\.{1,2}$)/.test(path)
    ? { path: replaces.path, version: DEVELOPMENT }
    : { path, version };
}
