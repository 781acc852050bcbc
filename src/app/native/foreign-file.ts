import { PithError } from '../../core/index.ts';
import { ELF_MAGIC, ElfReader } from '../../rootfs/index.ts';
import type { Project } from '../model.ts';
import { openElf } from './elf-file.ts';

/** What a file that is no program for Linux is instead, and what to do about it. */
export interface ForeignFile {
  readonly kind: 'script' | 'other system' | 'damaged' | 'no program';
  /** Behind the file's name: `is a shell script …`. */
  readonly what: string;
  readonly hint: string;
}

const BUILD_FOR_LINUX =
  'Build it for Linux (Go: `GOOS=linux`; Rust: `--target x86_64-unknown-linux-gnu`; C and C++: in a Debian container).';
const NAME_PROGRAM = 'Name the program itself with `--main PATH`.';

/** e_type (gABI 4.1). */
const ELF_TYPE = { OBJECT: 1, CORE: 4 } as const;

/** First bytes of formats, as text of one character a byte. */
const MAGICS: readonly (readonly [RegExp, ForeignFile])[] = [
  [/^MZ/, { kind: 'other system', what: 'is a program for Windows (PE)', hint: BUILD_FOR_LINUX }],
  [
    // A universal file counts its parts where a Java class has its version, which is 45 or more.
    /^(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe\0\0\0[\x01-\x1e])/,
    { kind: 'other system', what: 'is a program for macOS (Mach-O)', hint: BUILD_FOR_LINUX },
  ],
  [
    /^\0asm/,
    {
      kind: 'other system',
      what: 'is a WebAssembly module, which Linux does not start',
      hint: 'Compile it for Linux, or pack the program that runs it.',
    },
  ],
  [
    /^!<(?:arch|thin)>\n/,
    {
      kind: 'no program',
      what: 'is an archive of object files (or packages), no program',
      hint: NAME_PROGRAM,
    },
  ],
];

const SHELL = /^(?:ba|da|a|z|k|mk|c|tc|fi)?sh$|^busybox$/;

/**
 * Looks what a file is that is no ELF program.
 * @returns nothing for what nobody would take for a program
 */
export async function identify(project: Project, path: string): Promise<ForeignFile | undefined> {
  const bytes = await project.read(path, { start: 0, length: 4096 });
  const text = Buffer.from(bytes).toString('latin1');
  if (text.startsWith('#!')) return identifyScript(text);
  if (!ELF_MAGIC.equals(bytes.subarray(0, 4))) return MAGICS.find(([magic]) => magic.test(text))?.[1];
  const type =
    bytes.length < 64
      ? 0
      : new ElfReader(bytes, { class: 64, endianness: bytes[5] === 2 ? 'big' : 'little' }).half(16);
  if (type === ELF_TYPE.OBJECT)
    return {
      kind: 'no program',
      what: path.endsWith('.ko') ? 'is a kernel module, no program' : 'is an object file, not yet a program',
      hint: 'Link it, or name the program with `--main PATH`.',
    };
  if (type === ELF_TYPE.CORE)
    return {
      kind: 'no program',
      what: 'is the memory of a program that crashed (a core file)',
      hint: NAME_PROGRAM,
    };
  if ((await openElf(project, path)) && (await project.elf(path)))
    return {
      kind: 'no program',
      what: 'is a shared library, no program',
      hint: 'Name the program that uses it with `--main PATH`; a program is linked without `-shared`.',
    };
  return {
    kind: 'damaged',
    what: 'is a damaged ELF file: its tables are cut off, or point outside of it',
    hint: 'Build or copy it anew; `readelf -lW` shows its tables.',
  };
}

/** The error for a file that was to run. */
export function foreignError(path: string, { what, hint }: ForeignFile): PithError {
  return new PithError('APP_INVALID', `${path} ${what}`, { hint, path });
}

function identifyScript(text: string): ForeignFile {
  const line = /^#![ \t]*([^\n]*)/.exec(text)?.[1]?.trim() ?? '';
  const words = line.split(/[ \t]+/);
  const isEnv = /(?:^|\/)env$/.test(words[0] ?? '');
  const word = isEnv ? words.slice(1).find((part) => !part.startsWith('-') && !part.includes('=')) : words[0];
  const name = (word ?? '').replace(/^.*\//, '');
  const language = name.replace(/[\d.]+$/, '');
  if (/^(?:python|pypy)$/.test(language))
    return script('Python script', 'The folder of a Python application is packed with `--kind python`.');
  if (/^(?:node|nodejs)$/.test(language))
    return script(
      'Node.js script',
      'It is packed with `--kind nodejs`, its folder with the packages that it needs.',
    );
  if (SHELL.test(language))
    return script(
      `script for ${name}, and images have no shell`,
      'Pack the program that it starts; variables, arguments and the working folder belong to the configuration.',
    );
  return script(
    `script for ${name === '' ? 'an interpreter that it does not name' : name}, which no image of the catalogue has`,
    'Write a definition with the package of the interpreter and the script as a file of it.',
  );
}

function script(what: string, hint: string): ForeignFile {
  return { kind: 'script', what: `is a ${what}`, hint };
}
