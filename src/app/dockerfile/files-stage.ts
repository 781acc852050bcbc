import { folderOf } from '../common/paths.ts';
import type { AppLayer } from '../model.ts';
import { type Copy, type CopySource, findCopies, type WantedFile } from './copies.ts';
import type { AddedProgram } from './model.ts';
import { checkLine, shellWord } from './words.ts';

/** Where the stage has the context, the files of archives, and what it gives to the image. */
const CONTEXT = '/context';
const UNPACKED = '/unpacked';
const GIVEN = '/layers';

/**
 * A stage with a shell, for what COPY cannot say: links by themselves, files of archives, names with odd characters, and
 * files that lie scattered.
 */
export class FilesStage {
  readonly #suite: string;
  readonly #copies: string[] = [];
  readonly #runs: string[] = [];
  #layers = 0;

  /** @param suite code name of the release of Debian that it is of */
  constructor(suite: string) {
    this.#suite = suite;
  }

  /** @param instruction a COPY that brings what the stage works on */
  addContext(instruction: string): void {
    if (!this.#copies.includes(instruction)) this.#copies.push(instruction);
  }

  /** Where the files of an archive are. @param path of the archive in the context */
  unpack(path: string): string {
    const folder = `${UNPACKED}/${checkLine(path, path)}`;
    const archive = shellWord(`${CONTEXT}/${path}`);
    const command = `RUN mkdir -p ${shellWord(folder)} && unzip -q ${archive} -d ${shellWord(folder)}`;
    if (!this.#runs.includes(command)) this.#runs.push(command);
    return folder;
  }

  /**
   * Puts files together.
   * @param parts files with where they come from, which is absolute in the stage or relative to the context
   * @returns the folder to copy to the image's root
   */
  gather(
    name: string,
    parts: readonly {
      readonly root: string;
      readonly files: readonly WantedFile[];
      readonly source: CopySource;
    }[],
  ): string {
    const folder = `${GIVEN}/${++this.#layers}-${name.replace(/[^\w.-]/g, '-')}`;
    const words: string[] = [];
    const modes = new Map<string, string[]>();
    for (const { root, files, source } of parts) {
      for (const copy of findCopies(files, source)) words.push(...commandsFor(copy, root || CONTEXT, folder));
      for (const { to, mode } of files) {
        if (mode === undefined) continue;
        const octal = `0${mode.toString(8)}`;
        modes.set(octal, [...(modes.get(octal) ?? []), `${folder}${to}`]);
      }
    }
    words.push(`chmod -R u=rwX,go=rX ${shellWord(folder)}`);
    for (const [octal, paths] of modes) words.push(list(`chmod ${octal}`, paths));
    this.#runs.push(`RUN ${words.join(' \\\n && ')}`);
    return `${folder}/`;
  }

  /** @returns an empty folder */
  emptyFolder(): string {
    const run = 'RUN mkdir -p /empty';
    if (!this.#runs.includes(run)) this.#runs.push(run);
    return '/empty/';
  }

  /** Writes a program; gives the folder to copy to the image's root. */
  addProgram({ path, content }: AddedProgram): string {
    const folder = `${GIVEN}/program`;
    const target = shellWord(`${folder}${path}`);
    const text = Buffer.from(content).toString('base64');
    const write = `mkdir -p ${shellWord(folderOf(`${folder}${path}`))} && echo ${text} | base64 -d >${target}`;
    this.#runs.push(`RUN ${write} && chmod 0755 ${target}`);
    return `${folder}/`;
  }

  /** Its instructions; none if nothing is asked of it. */
  lines(): string[] {
    if (this.#runs.length === 0) return [];
    const isUnpacking = this.#runs.some((line) => line.includes('unzip'));
    const install = 'apt-get install --yes --no-install-recommends unzip';
    return [
      `FROM debian:${this.#suite}-slim AS files`,
      ...(isUnpacking ? [`RUN apt-get update && ${install}`] : []),
      ...this.#copies,
      ...this.#runs,
    ];
  }
}

function commandsFor({ isFolder, from, to }: Copy, root: string, folder: string): string[] {
  const sources = from.map((path) => `${root}/${checkLine(path, path)}`);
  const target = `${folder}${checkLine(to, to)}`;
  const [source = ''] = sources;
  if (isFolder)
    return [`mkdir -p ${shellWord(target)}`, `cp -a ${shellWord(`${source}/.`)} ${shellWord(target)}`];
  if (to.endsWith('/')) return [`mkdir -p ${shellWord(target)}`, list('cp -a', [...sources, target])];
  return [`mkdir -p ${shellWord(folderOf(target))}`, `cp -a -T ${shellWord(source)} ${shellWord(target)}`];
}

/** A command with its arguments; each on a line of its own where there are many. */
function list(command: string, paths: readonly string[]): string {
  return [command, ...paths.map(shellWord)].join(paths.length > 4 ? ' \\\n      ' : ' ');
}

/** What a layer takes of each archive. */
export function byArchive({ files }: AppLayer): Map<string, WantedFile[]> {
  const archives = new Map<string, WantedFile[]>();
  for (const [to, { path, member, mode }] of files) {
    if (member === undefined) continue;
    const wanted = archives.get(path) ?? [];
    wanted.push({ from: member, to, ...(mode === undefined ? {} : { mode }) });
    archives.set(path, wanted);
  }
  return archives;
}
