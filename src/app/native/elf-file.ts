import { openElf as openAnyElf, type OpenElf } from '../../rootfs/index.ts';
import type { Project } from '../model.ts';

/** An ELF file of a project. */
export interface ElfFile extends OpenElf {
  readonly path: string;
}

/**
 * @returns nothing for what has no headers that a loader could use, or says that it is longer than it is
 * @throws PithError APP_INVALID if it cannot be read
 */
export async function openElf(project: Project, path: string): Promise<ElfFile | undefined> {
  const size = project.files.get(path)?.size ?? 0;
  const file = await openAnyElf(size, (start, length) => project.read(path, { start, length }));
  return file && { path, ...file };
}
