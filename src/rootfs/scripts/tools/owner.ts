import type { Host } from '../host.ts';

export interface Owner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * What `chown` takes as an owner: `user`, `user:group`, `user:` (the user's own group) or `:group`, names or numbers.
 * @returns why it cannot be found in the image, as text
 */
export function readOwner(text: string, host: Host): Owner | string {
  const [, user = '', colon = '', group = ''] = /^([^:.]*)([:.]?)(.*)$/s.exec(text) ?? [];
  const uid = user === '' ? undefined : findUser(user, host);
  if (typeof uid === 'string') return uid;
  if (colon === '') return { uid, gid: undefined };
  if (group !== '') {
    const gid = findGroup(group, host);
    return typeof gid === 'string' ? gid : { uid, gid };
  }
  const own = host.accounts.user(user)?.gid;
  return user === '' ? { uid, gid: undefined } : own === undefined ? noUser(user) : { uid, gid: own };
}

export function findUser(name: string, { accounts }: Host): number | string {
  return accounts.user(name)?.uid ?? numberOf(name) ?? noUser(name);
}

export function findGroup(name: string, { accounts }: Host): number | string {
  return accounts.group(name)?.gid ?? numberOf(name) ?? `the image has no group ${name}`;
}

function noUser(name: string): string {
  return `the image has no user ${name}`;
}

function numberOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
