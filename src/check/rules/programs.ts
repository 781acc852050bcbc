import type { ElfFile } from '../../inspect/index.ts';
import { modeOf } from '../files.ts';
import { DEFAULT_PATH } from '../find-program.ts';
import { lacksOf, missingInterpreter } from '../lacks.ts';
import type { Rule } from '../model.ts';
import { closureOf, startedIds } from '../started.ts';
import type { Subject } from '../subject.ts';
import { platformOf } from './command.ts';

const EXECUTE = 0o111;
/** Folders whose files are those of packages or of the distribution, whether or not a database lists them. */
const OF_PACKAGES =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|vendor)\/|^(?:etc|lib\w*|var)\/|^usr\/(?!local\/)/;
const LIBRARY = /\.(?:so(?:\.[^/]*)?|node)$/;

/** The same as for the program that the image starts, for all others. */
export const PROGRAM_RULES: readonly Rule[] = [
  {
    id: 'program-architecture',
    severity: 'warning',
    title: 'A program is for another architecture',
    why: 'The kernel does not start it (`exec format error`): it is dead weight, or what needs it fails.',
    mend: 'Take the program for the platform of the image, or leave it out.',
    *find(subject) {
      const started = startedIds(subject);
      for (const file of subject.elfFiles.values()) {
        const { id, path, layer, isForeign } = file;
        if (isForeign && !started.has(id) && isProgram(subject, file))
          yield { message: `it is for ${platformOf(file)}, the image for ${subject.platform}`, path, layer };
      }
    },
  },
  {
    id: 'program-interpreter',
    severity: 'warning',
    title: 'What runs a program is not there',
    why: 'A script whose interpreter is missing, or a program without its loader, cannot be started: it is dead weight, or what needs it fails. Scripts of packages and those below /etc, /usr, /lib and /var count where PATH leads to them only: modules of Python and Node.js often begin with `#!` and are never started, nor are the hooks of a system that does not boot.',
    mend: 'Leave the program out, or add what runs it.',
    *find(subject) {
      const { view, elfFiles } = subject;
      const started = startedIds(subject);
      const folders = foldersOfPath(subject);
      for (const { id, path } of [...elfFiles.values(), ...view.found('script')]) {
        const file = elfFiles.get(id);
        if (started.has(id) || file?.isForeign || !(modeOf(view.tree, id) & EXECUTE)) continue;
        if (!file && !folders.has(view.tree.parent(id)) && isOfPackage(subject, path)) continue;
        const fault = missingInterpreter(subject, id);
        if (fault) yield fault;
      }
    },
  },
  {
    id: 'program-library',
    severity: 'warning',
    title: 'A program or library lacks a library',
    why: 'The loader does not start the program, or does not load the library, when it is wanted: it is dead weight, or what needs it fails.',
    mend: 'Add the package with the library, or leave out what needs it.',
    *find(subject) {
      const loaded = new Set(
        [...startedIds(subject)].flatMap((id) => closureOf(subject, id).map((file) => file.id)),
      );
      for (const file of subject.elfFiles.values())
        if (!loaded.has(file.id))
          for (const message of lacksOf(subject, file)) yield { message, path: file.path, layer: file.layer };
    },
  },
];

function foldersOfPath({ view, env }: Subject): ReadonlySet<number | undefined> {
  const folders = (env.get('PATH') ?? DEFAULT_PATH).split(':').filter((folder) => folder.startsWith('/'));
  return new Set(folders.map((folder) => view.tree.resolve(folder)));
}

function isOfPackage({ owners }: Subject, path: string): boolean {
  return OF_PACKAGES.test(path) || owners.get(path) !== undefined;
}

/** Whether a file is there to be started, not to be loaded by others. */
function isProgram({ view }: Subject, { id, path, elf }: ElfFile): boolean {
  if (elf.interpreter !== undefined || elf.type === 'executable') return true;
  return (modeOf(view.tree, id) & EXECUTE) !== 0 && !LIBRARY.test(path);
}
