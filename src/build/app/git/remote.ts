import type { GitConfig } from './config.ts';

const LONGEST = 1024;
/** `git@host:team/app.git`: neither a path of the disk nor a drive of Windows. */
const SCP = /^(?:[^@/\s:]+@)?([^@/\s:]+):(?!\/\/)\/?([^~\s].*)$/;

/** Address of the remote of a branch, or of `origin`, or of the only one (git-config(1), `branch.<name>.remote`). */
export function remoteUrl(config: GitConfig, branch: string | undefined): string | undefined {
  const names = [...config.keys()].flatMap((key) => /^remote\.(.+)\.url$/s.exec(key)?.[1] ?? []);
  const said = branch === undefined ? undefined : config.get(`branch.${branch}.remote`)?.at(-1);
  const [only] = names;
  for (const name of [said, 'origin', names.length === 1 ? only : undefined]) {
    const url = name === undefined ? undefined : config.get(`remote.${name}.url`)?.[0];
    if (url !== undefined) return url;
  }
  return said !== undefined && /^[a-z+]+:\/\//.test(said) ? said : undefined;
}

/**
 * The address of a repository for people, the same however it was cloned: https, without credentials and `.git`.
 * @returns undefined for a path of the disk, and for the name of a host that only this machine knows
 */
export function publicAddress(url: string): string | undefined {
  const [, host, path] = SCP.exec(url) ?? [];
  const text = host === undefined || path === undefined ? url : `ssh://${host}/${path}`;
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, host: place, pathname } = new URL(text);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  if (!isWeb && !['ssh:', 'git:', 'git+ssh:', 'ssh+git:'].includes(protocol)) return undefined;
  if (!isWeb && !hostname.includes('.')) return undefined;
  const repository = pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  if (repository === '' || repository.startsWith('/~')) return undefined;
  const address = `${isWeb ? protocol : 'https:'}//${isWeb ? place : hostname}${repository}`;
  return address.length > LONGEST ? undefined : address;
}
