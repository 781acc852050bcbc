import { invalid, isFile, readText } from '../common/documents.ts';
import { textAt, type Fields } from '../common/values.ts';
import type { Project } from '../model.ts';

export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'yarn (berry)';

/** Who installs the dependencies, and the commands for what an image needs of them. */
export interface PackageManager {
  readonly name: ManagerName;
  readonly lockfile: string | undefined;
  /** Installs what runs, without what is for development. */
  readonly install: string;
}

const INSTALL: Readonly<Record<ManagerName, string>> = {
  npm: 'npm ci --omit=dev',
  pnpm: 'pnpm install --prod --frozen-lockfile',
  yarn: 'yarn install --production --frozen-lockfile',
  'yarn (berry)': 'yarn workspaces focus --production',
};
const MAX_LOCKFILE = 64 << 20;

/**
 * Finds the package manager by its lockfile, else by `packageManager` of package.json; npm unless something tells.
 * @throws PithError APP_INVALID for a lockfile that is none
 */
export async function findManager(project: Project, manifest: Fields): Promise<PackageManager> {
  for (const lockfile of ['package-lock.json', 'npm-shrinkwrap.json'])
    if (isFile(project, lockfile)) return { name: 'npm', lockfile, install: INSTALL.npm };
  if (isFile(project, 'pnpm-lock.yaml')) {
    await checkLockfile(project, 'pnpm-lock.yaml', /^lockfileVersion:/m);
    return { name: 'pnpm', lockfile: 'pnpm-lock.yaml', install: INSTALL.pnpm };
  }
  if (isFile(project, 'yarn.lock')) {
    const text = await checkLockfile(project, 'yarn.lock', /^(?:__metadata:|# yarn lockfile v1)/m);
    const name = /^__metadata:/m.test(text) ? 'yarn (berry)' : 'yarn';
    return { name, lockfile: 'yarn.lock', install: INSTALL[name] };
  }
  const said = /^(npm|pnpm|yarn)@(\d*)/.exec(textAt(manifest, 'packageManager') ?? '');
  const isPnpm = said?.[1] === 'pnpm' || isFile(project, 'node_modules/.modules.yaml');
  const name = isPnpm ? 'pnpm' : said?.[1] === 'yarn' ? (said[2] === '1' ? 'yarn' : 'yarn (berry)') : 'npm';
  return { name, lockfile: undefined, install: name === 'npm' ? 'npm install --omit=dev' : INSTALL[name] };
}

async function checkLockfile(project: Project, path: string, header: RegExp): Promise<string> {
  const text = (await readText(project, path, MAX_LOCKFILE)) ?? '';
  const conflict = /^(?:<{7}|>{7}) /m.exec(text);
  if (conflict)
    throw invalid(
      `${path}, line ${text.slice(0, conflict.index).split('\n').length}: a conflict of git is not solved`,
      'Solve it, or let the package manager do so by installing again.',
      path,
    );
  if (text.trim() !== '' && !header.test(text))
    throw invalid(`${path} is no such lockfile`, 'Let the package manager write it anew.', path);
  return text;
}
