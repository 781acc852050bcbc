import type { ElfFile } from '../inspect/index.ts';
import type { Fault } from './model.ts';
import { readShebang } from './shebang.ts';
import { showPath, showText } from './show.ts';
import type { Subject } from './subject.ts';

/** Architectures (GOARCH) on which it is known where loaders look for libraries. */
const KNOWN: ReadonlySet<string> = new Set(['386', 'amd64', 'arm', 'arm64', 'ppc64le', 'riscv64', 's390x']);

/** What runs a program or script and is not there. */
export function missingInterpreter(subject: Subject, id: number): Fault | undefined {
  const { tree } = subject.view;
  const place = { path: tree.path(id), layer: tree.layer(id) };
  const loader = subject.elfFiles.get(id)?.interpreter;
  if (loader) {
    return loader.isThere
      ? undefined
      : { message: `its loader ${showPath(loader.path)} is not there`, ...place };
  }
  const line = subject.factOf(id, 'script')?.interpreter;
  if (line === undefined) return undefined;
  const { interpreter, program } = readShebang(line);
  for (const name of [interpreter, ...(program === undefined ? [] : [program])]) {
    const found = subject.program(name);
    if ('absent' in found)
      return { message: `the script is run by ${showText(name)}: ${found.absent}`, ...place };
  }
  return undefined;
}

/** Why the kernel starts a file by no means; undefined for a program or script. */
export function noProgram(subject: Subject, id: number): Fault | undefined {
  const { tree } = subject.view;
  if (subject.factOf(id, 'elf') || subject.factOf(id, 'script')) return undefined;
  const message = 'it is neither a program (ELF) nor a script that begins with `#!` and a path';
  return { message, path: tree.path(id), layer: tree.layer(id) };
}

/** The libraries and versions of symbols that a program or library needs and the loader does not find, in words. */
export function lacksOf({ view }: Subject, { isForeign, libraries }: ElfFile): string[] {
  if (isForeign || !KNOWN.has(view.image.config.architecture)) return [];
  return libraries.flatMap(({ name, path, elsewhere, isLoadedBefore, missingVersions }) => {
    if (path === undefined && isLoadedBefore) return [];
    if (path === undefined)
      return elsewhere === undefined
        ? [`it needs ${showText(name)}, which is not there`]
        : [
            `it needs ${showText(name)}, which lies at ${showPath(elsewhere)}, where the loader does not look`,
          ];
    return missingVersions.map(
      (version) => `it needs ${showText(version)}, which ${showPath(path)} does not have`,
    );
  });
}
