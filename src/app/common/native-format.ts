import type { Project } from '../model.ts';

/**
 * The format of a program or library by its first bytes: ELF, one of another system (Mach-O in either byte order or universal,
 * PE), or none of them.
 */
export async function formatOf(project: Project, path: string): Promise<'elf' | 'foreign' | undefined> {
  const magic = Buffer.from(await project.read(path, { start: 0, length: 4 })).toString('hex');
  if (magic === '7f454c46') return 'elf';
  const isMachO = ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe'].includes(magic);
  return isMachO || magic.startsWith('4d5a') ? 'foreign' : undefined;
}
