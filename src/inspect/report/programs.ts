import { byText } from '../../core/index.ts';
import { type ElfFile, resolveElf } from '../elf-view.ts';
import type { ImageView } from '../view.ts';
import { absolute } from './findings.ts';
import type { InspectSummary } from './inspect-schema.ts';

type Program = InspectSummary['programs'][number];

/** Programs and shared libraries of an image, in the order of paths. */
export function reportPrograms(view: ImageView): Program[] {
  return resolveElf(view)
    .map(programOf)
    .sort((a, b) => byText(a.path, b.path));
}

function programOf(file: ElfFile): Program {
  const { path, platform, isForeign, elf, hardening, stripped, interpreter, libraries } = file;
  const { relro, nx, pie, stackProtector, fortify, rpath, runpath } = hardening;
  return {
    path: absolute(path),
    kind: elf.type === 'executable' || interpreter !== undefined ? 'program' : 'library',
    platform,
    foreign: isForeign,
    class: elf.class,
    interpreter: interpreter && { path: interpreter.path, exists: interpreter.isThere },
    soname: elf.soname,
    needed: libraries.map((library) => ({
      name: library.name,
      path: library.path === undefined ? undefined : absolute(library.path),
      elsewhere: library.elsewhere === undefined ? undefined : absolute(library.elsewhere),
      loadedBefore: library.isLoadedBefore,
      missingVersions: [...library.missingVersions],
    })),
    stripped,
    hardening: { relro, nx, pie, stackProtector, fortify, rpath, runpath },
  };
}
