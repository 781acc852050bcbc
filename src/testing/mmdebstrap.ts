import { spawnSync } from 'node:child_process';

/** Where the machine's apt gets packages of Debian from, as arguments of mmdebstrap; its own choice if apt does not say. */
export function debianMirror(): string[] {
  const asked = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian'];
  const { stdout } = spawnSync('apt-get', asked, { encoding: 'utf8' });
  const [mirror] = stdout.split('\n').filter((line) => line.endsWith('/debian/'));
  return mirror === undefined ? [] : [mirror];
}
