import { Once, PithError } from '../core/index.ts';
import type { FileSpec } from './definition-types.ts';
import { DigestMemory } from './digest-memory.ts';
import { locateSource } from './disk-source.ts';
import { type DiskTree, readDiskTree } from './disk-tree.ts';
import { readOwnCertificates } from './own-certificates.ts';
import type { Plan, PlannedLevel } from './plan.ts';
import type { PlannedFile } from './planned-file.ts';
import type { Workspace } from './workspace.ts';

/** Reads what definitions take from the disk, each source once for all images. */
export class OwnFiles {
  readonly #workspace: Pick<Workspace, 'now' | 'onProgress' | 'signal' | 'store'>;
  readonly #trees = new Once<DiskTree>();
  readonly #memory: DigestMemory;
  readonly #notes = new Set<string>();

  constructor(workspace: Pick<Workspace, 'now' | 'onProgress' | 'signal' | 'store'>) {
    this.#workspace = workspace;
    this.#memory = new DigestMemory(workspace.store, workspace.now);
  }

  /**
   * The plan with the sources of its files.
   * @throws PithError DEFINITION_INVALID for a source that is missing, outside the project, or not what it should be
   */
  async read(plan: Plan): Promise<Plan> {
    const levels: PlannedLevel[] = [];
    for (const level of plan.levels) {
      const files: PlannedFile[] = [];
      for (const file of level.files) files.push(await this.#readFile(file, level.name));
      levels.push({ ...level, files });
    }
    return { ...plan, levels };
  }

  async #readFile(file: FileSpec, level: string): Promise<PlannedFile> {
    const note = (what: string): void => {
      this.#note(`${level}: ${what}`);
    };
    try {
      const tree =
        file.tree ?? (file.from === undefined ? undefined : await this.#readTree(file, file.from, note));
      if (!file.certificate) return { ...file, ...(tree ? { tree } : {}) };
      const certificates = readOwnCertificates(file, tree, note, this.#workspace.now());
      return { ...file, certificates };
    } catch (error) {
      throw inLevel(error, level);
    }
  }

  #readTree(
    { project, ignore = [] }: FileSpec,
    from: string,
    note: (what: string) => void,
  ): Promise<DiskTree> {
    const location = locateSource(from, project);
    const key = JSON.stringify([location, from, ...ignore]);
    return this.#trees.do(key, () =>
      readDiskTree(location, {
        name: from,
        ignore,
        onUnused: (pattern) => {
          note(`nothing in ${from} matches the pattern ${pattern} of ignore`);
        },
        memory: this.#memory,
        signal: this.#workspace.signal,
      }),
    );
  }

  #note(note: string): void {
    if (!this.#notes.has(note)) this.#workspace.onProgress({ kind: 'note', what: note });
    this.#notes.add(note);
  }
}

function inLevel(error: unknown, level: string): unknown {
  if (!(error instanceof PithError) || error.code !== 'DEFINITION_INVALID') return error;
  const { code, message, hint, path, cause } = error;
  return new PithError(code, `${level}: ${message}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
    ...(path === undefined ? {} : { path }),
  });
}
