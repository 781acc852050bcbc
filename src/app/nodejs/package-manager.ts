import { isFile } from '../common/documents.ts';
import { textAt, type Fields } from '../common/values.ts';
import type { Project } from '../model.ts';
import { type LockfileName, readLockfile } from './lockfile.ts';

export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'yarn (berry)';

/** Who installs the dependencies, and the commands for what an image needs of them. */
export interface PackageManager {
  readonly name: ManagerName;
  readonly lockfile: LockfileName | undefined;
  /** Installs what runs, without what is for development. */
  readonly install: string;
}

const INSTALL: Readonly<Record<ManagerName, string>> = {
  npm: 'npm ci --omit=dev',
  pnpm: 'pnpm install --prod --frozen-lockfile',
  yarn: 'yarn install --production --frozen-lockfile',
  'yarn (berry)': 'yarn workspaces focus --production',
};

/**
 * Finds the package manager by its lockfile, else by `packageManager` of package.json; npm unless something tells.
 * @throws PithError APP_INVALID for a lockfile that is damaged
 */
export async function findManager(project: Project, manifest: Fields): Promise<PackageManager> {
  for (const lockfile of ['npm-shrinkwrap.json', 'package-lock.json'] as const) {
    if (!isFile(project, lockfile)) continue;
    await readLockfile(project, lockfile);
    return { name: 'npm', lockfile, install: INSTALL.npm };
  }
  if (isFile(project, 'pnpm-lock.yaml')) {
    await readLockfile(project, 'pnpm-lock.yaml');
    return { name: 'pnpm', lockfile: 'pnpm-lock.yaml', install: INSTALL.pnpm };
  }
  if (isFile(project, 'yarn.lock')) {
    const text = await readLockfile(project, 'yarn.lock');
    const name = /^__metadata:/m.test(text) ? 'yarn (berry)' : 'yarn';
    return { name, lockfile: 'yarn.lock', install: INSTALL[name] };
  }
  const said = /^(npm|pnpm|yarn)@(\d*)/.exec(textAt(manifest, 'packageManager') ?? '');
  const isPnpm = said?.[1] === 'pnpm' || isFile(project, 'node_modules/.modules.yaml');
  const name = isPnpm ? 'pnpm' : said?.[1] === 'yarn' ? (said[2] === '1' ? 'yarn' : 'yarn (berry)') : 'npm';
  return { name, lockfile: undefined, install: name === 'npm' ? 'npm install --omit=dev' : INSTALL[name] };
}
