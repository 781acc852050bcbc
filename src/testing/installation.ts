import type { ImageFile } from '../rootfs/files.ts';
import { Installation, type InstalledPackage } from '../rootfs/scripts/installation.ts';
import type { SeenFile } from '../rootfs/scripts/script-tree.ts';
import { loadShellParser } from '../rootfs/scripts/parse-shell.ts';
import { entriesOf } from './root-files.ts';

/** A package as tests write it: texts instead of bytes, and nothing that does not matter. */
export interface TestInstalled extends Partial<Omit<InstalledPackage, 'scripts' | 'captured'>> {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly captured?: Readonly<Record<string, string>>;
}

/** The entries of a tree from a table, as for `entriesOf`; folders and files that anybody may run are root's. */
export function seenEntries(table: Readonly<Record<string, string>>): Map<string, { file: SeenFile }> {
  return new Map(
    [...entriesOf(table)].map(([path, { file }]) => [
      path,
      { file: { ...file, mode: 0o755, uid: 0, gid: 0, size: 1 } },
    ]),
  );
}

export function installedOf({ scripts = {}, captured = {}, ...more }: TestInstalled): InstalledPackage {
  return {
    name: 'app',
    architecture: 'amd64',
    newest: 5,
    contents: { drop: [], keep: [] },
    files: [],
    ...more,
    scripts: bytesOf(scripts),
    captured: bytesOf(captured),
  };
}

function bytesOf(texts: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)] as const));
}

/** An installation whose image has root. */
export async function startInstallation(architecture = 'amd64'): Promise<Installation> {
  const installation = new Installation(architecture, await loadShellParser());
  const root = { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/sbin/nologin', createHome: true };
  installation.accounts.declare([root], [{ name: 'root', gid: 0, members: [] }]);
  return installation;
}

/** What installing packages makes, a line a file, and what is not done, a line a call. */
export interface Followed {
  readonly made: string[];
  readonly missing: string[];
  readonly needless: string[];
  readonly installation: Installation;
}

/** Installs packages into an image of these files. */
export async function follow(
  packages: readonly TestInstalled[],
  table: Readonly<Record<string, string>> = {},
): Promise<Followed> {
  const installation = await startInstallation();
  const made = installation.install(packages.map(installedOf), seenEntries(table));
  const rows = installation.effects.map(
    ({ command, isNeedless, why }) => [isNeedless, why === '' ? command : `${command} (${why})`] as const,
  );
  return {
    made: describeFiles(made),
    missing: rows.flatMap(([isNeedless, row]) => (isNeedless ? [] : [row])),
    needless: rows.flatMap(([isNeedless, row]) => (isNeedless ? [row] : [])),
    installation,
  };
}

/** Follows a postinst script that is called with `configure` and no version. */
export function followScript(
  script: string,
  table: Readonly<Record<string, string>> = {},
): Promise<Followed> {
  return follow([{ scripts: { postinst: `#!/bin/sh\n${script}\n` } }], table);
}

/** `d0755 0:0 var/lib/app`, `-0644 0:0 etc/app "text"`, `l etc/link -> target`, in the order of the paths. */
export function describeFiles(files: readonly ImageFile[]): string[] {
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, kind, mode, uid, gid, content, target }) => {
      if (kind === 'symlink') return `l ${path} -> ${target}`;
      const text = kind === 'file' ? ` ${JSON.stringify(Buffer.from(content).toString())}` : '';
      return `${kind === 'file' ? '-' : 'd'}${mode.toString(8).padStart(4, '0')} ${uid}:${gid} ${path}${text}`;
    });
}
