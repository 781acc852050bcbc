import { nearest, PithError } from '../core/index.ts';
import type { Group, User } from '../rootfs/index.ts';
import { pathsOf } from './declared-files.ts';
import { placesOf } from './disk-files.ts';
import type { Plan } from './plan.ts';

/** What a part of `user` names, and where an image keeps these. */
const KINDS = [
  { kind: 'user', file: 'etc/passwd' },
  { kind: 'group', file: 'etc/group' },
] as const;

/** The names in `user` of an image's configuration, by what they name; numbers need no entry in the image. */
export function namesOfUser(user: string | undefined): { user?: string; group?: string } {
  const [name = '', group = ''] = (user ?? '').split(':');
  const isName = (text: string): boolean => text !== '' && !/^\d+$/.test(text);
  return { ...(isName(name) ? { user: name } : {}), ...(isName(group) ? { group } : {}) };
}

/**
 * Looks up whom an image is to run as. A definition that brings /etc/passwd or /etc/group itself answers for it, as the
 * image does that it lies on for its own user.
 * @param accounts all users and groups of the image
 * @throws PithError DEFINITION_INVALID if the image has no user or group of that name
 */
export function checkUser(
  { image, variant, config: { user }, levels }: Plan,
  accounts: { users(): readonly User[]; groups(): readonly Group[] },
): void {
  if (user === undefined || user === image.base?.config.user) return;
  const names = namesOfUser(user);
  for (const { kind, file } of KINDS) {
    const name = names[kind];
    const known = (kind === 'user' ? accounts.users() : accounts.groups()).map((one) => one.name);
    const isOwn = (): boolean =>
      levels.some((level) =>
        level.files.some((one) => [...pathsOf(one, level.name), ...placesOf(one, level.name)].includes(file)),
      );
    if (name === undefined || known.includes(name) || isOwn()) continue;
    const { file: path } = image;
    throw new PithError(
      'DEFINITION_INVALID',
      `${path ?? image.name}: \`user\` of the variant ${variant} is ${JSON.stringify(user)}, but the image has no ${kind} ${name}`,
      {
        ...(path === undefined ? {} : { path }),
        hint: hintFor(kind, name, known),
      },
    );
  }
}

function hintFor(kind: 'user' | 'group', name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return [
    ...(near === undefined ? [] : [`Did you mean ${near}?`]),
    ...(known.length === 0 ? [] : [`The ${kind}s are ${known.join(', ')}.`]),
    `Add it to \`${kind}s\`, or write a number.`,
  ].join(' ');
}
