import type { ElfInfo } from '../rootfs/index.ts';
import type { Application, AppRequest, Project } from './model.ts';

export type * from './model.ts';

// Until the detectors are there.
export function detectApplications(_project: Project, _request: AppRequest): Promise<Application[]> {
  return Promise.resolve([]);
}
export function architectureOf(_elf: ElfInfo): string | undefined {
  return undefined;
}
export function createIgnore(_rules: {
  readonly dockerignore?: string;
  readonly gitignores: ReadonlyMap<string, string>;
}): {
  isExcluded(path: string, isFolder: boolean): boolean;
  mayHoldIncluded(path: string): boolean;
  isIgnoredByGit(path: string, isFolder: boolean): boolean;
} {
  return { isExcluded: () => false, mayHoldIncluded: () => false, isIgnoredByGit: () => false };
}
