import type { Host } from './host.ts';
import { isInstallersProgram } from './known-commands.ts';
import type { ShellState } from './shell-state.ts';
import type { TestContext } from './test-expression.ts';
import { isSoundPath } from './sound-path.ts';
import { findTool } from './tools/table.ts';

const PROGRAM = /^\/(?:usr\/(?:local\/)?)?s?bin\/([^/]+)$/;
/** PATH as dpkg needs it. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The files of the image as tests see them, with the programs that every installation has. */
export function testContext(shell: { readonly host: Host; readonly state: ShellState }): TestContext {
  return {
    isProgram: (path) => {
      const name = PROGRAM.exec(path)?.[1];
      return name !== undefined && isProvided(name);
    },
    find: (path, follows) => {
      const { tree } = shell.host;
      const { folder } = shell.state;
      if (!isSoundPath(path) || (!path.startsWith('/') && folder === undefined)) return undefined;
      const full = path.startsWith('/') ? path : `${folder ?? ''}/${path}`;
      if (tree.isDoubtful(full)) return undefined;
      return (follows ? tree.file(full) : tree.linkOrFile(full)) ?? null;
    },
  };
}

/** The path of a program that scripts can call; undefined if there is none. */
export function findProgram(name: string, { tree }: Host): string | undefined {
  if (name.includes('/'))
    return PROGRAM.test(name) || (isSoundPath(name) && tree.file(name)) ? name : undefined;
  const folder = FOLDERS.find((each) => {
    const file = tree.file(`${each}/${name}`);
    return file?.type === 'file' && (file.mode & 0o111) !== 0;
  });
  if (folder !== undefined) return `${folder}/${name}`;
  return isProvided(name) ? `/usr/bin/${name}` : undefined;
}

function isProvided(name: string): boolean {
  return isInstallersProgram(name) || findTool(name) !== undefined;
}
