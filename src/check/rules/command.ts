import type { ElfFile } from '../../inspect/index.ts';
import { lacksOf, missingInterpreter, noProgram } from '../lacks.ts';
import type { Rule } from '../model.ts';
import { showPath, showText } from '../show.ts';
import { closureOf, startedBy } from '../started.ts';

export const COMMAND_RULES: readonly Rule[] = [
  {
    id: 'command-missing',
    severity: 'error',
    title: 'The program that the image starts is not there',
    why: 'The container ends before it begins. The same is true of a health check whose program is not there: it fails for ever.',
    mend: 'Copy the program to where the entrypoint says, or name its path. Links have to lead to a file of the image.',
    *find(subject) {
      for (const { name, field } of startedBy(subject)) {
        const found = subject.program(name);
        if ('absent' in found)
          yield { message: `${showText(name)} cannot be started: ${found.absent}`, field };
      }
    },
  },
  {
    id: 'command-not-executable',
    severity: 'error',
    title: 'The user of the image may not execute the program that it starts',
    why: 'The engine starts the program as the user of the image, who needs the right to execute the file and to enter all folders above it.',
    mend: 'Set the mode of the file and its folders to 0755 (`COPY --chmod=0755`, `mode: "0755"`), or their owner to the user of the image.',
    *find(subject) {
      for (const { name, field } of startedBy(subject)) {
        const found = subject.program(name);
        if ('absent' in found) continue;
        const place = { path: found.path, layer: subject.view.tree.layer(found.id), field };
        const closed = subject.closedFolder(found.id);
        const { mode, uid, gid } = subject.fileOf(found.id);
        const who = `user ${showText(subject.user.text === '' ? '0' : subject.user.text)}`;
        if (closed !== undefined) yield { message: `${who} may not enter ${showPath(closed)}`, ...place };
        else if (!subject.mayRun(found.id))
          yield {
            message: `${who} may not execute it: mode ${mode.toString(8).padStart(4, '0')}, owner ${uid}:${gid}`,
            ...place,
          };
      }
    },
  },
  {
    id: 'command-architecture',
    severity: 'error',
    title: 'The program that the image starts is for another architecture',
    why: 'The kernel does not start it (`exec format error`).',
    mend: 'Build it for the platform of the image, or build the image for the platform of the program.',
    *find(subject) {
      for (const { id, field } of startedBy(subject)) {
        const file = id === undefined ? undefined : subject.elfFiles.get(id);
        if (!file?.isForeign) continue;
        const { path, layer } = file;
        yield {
          message: `it is for ${platformOf(file)}, the image for ${subject.platform}`,
          path,
          layer,
          field,
        };
      }
    },
  },
  {
    id: 'command-interpreter',
    severity: 'error',
    title: 'What runs the program of the image is not there',
    why: 'A dynamic program is started by the loader that it names, a script by the interpreter behind `#!`. If that is missing, the kernel says that the program itself is not there; of a file that is neither it says `exec format error`.',
    mend: 'Build on an image that has it (`base` or `cc` for the loader of glibc, an image of the language for scripts), link the program statically, or start the interpreter itself. A script begins with `#!`, and its lines end as on Unix.',
    *find(subject) {
      for (const { id, field } of startedBy(subject)) {
        const fault =
          id === undefined ? undefined : (missingInterpreter(subject, id) ?? noProgram(subject, id));
        if (fault) yield { ...fault, field };
      }
    },
  },
  {
    id: 'command-library',
    severity: 'error',
    title: 'The program that the image starts lacks a library',
    why: 'The loader ends the program before its first line, if a library that it or one of its libraries needs is missing, or is older than the one that it was built with (`GLIBC_2.38 not found`).',
    mend: 'Add the package with the library, build on the same release of the distribution as the image, or link statically. `pith pack` finds the packages.',
    *find(subject) {
      for (const { id, field } of startedBy(subject))
        for (const file of id === undefined ? [] : closureOf(subject, id))
          for (const message of lacksOf(subject, file))
            yield { message, path: file.path, layer: file.layer, field };
    },
  },
];

/** What a program is for, in words. */
export function platformOf({ platform, elf }: ElfFile): string {
  return platform ?? `machine ${elf.machine} (${elf.class} bits, ${elf.endianness} endian)`;
}
