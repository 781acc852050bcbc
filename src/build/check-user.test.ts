import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import type { Group, User } from '../rootfs/index.ts';
import { failureOf } from '../testing/thrown.ts';
import { checkUser, namesOfUser } from './check-user.ts';
import type { Plan } from './plan.ts';
import type { PlannedFile } from './planned-file.ts';

const user = (name: string, id: number): User => ({
  ...{ name, uid: id, gid: id, home: '/', shell: '/sbin/nologin', createHome: false },
});
const group = (name: string, gid: number): Group => ({ name, gid, members: [] });
const ACCOUNTS = {
  users: () => [user('root', 0), user('app', 1000)],
  groups: () => [group('root', 0), group('staff', 50)],
};

interface PlanOptions {
  readonly files?: readonly PlannedFile[];
  /** Of the image below. */
  readonly below?: string;
  readonly path?: string;
}

function check(text: string | undefined, { files = [], below, path }: PlanOptions = {}): void {
  const level = { name: 'own', files, users: [], groups: [], packages: [], omissions: [], bytecode: false };
  const base = below === undefined ? {} : { base: { config: { user: below } } };
  const plan = {
    image: { name: 'own', ...(path === undefined ? {} : { file: path }), ...base },
    variant: 'latest',
    levels: [level],
    config: text === undefined ? {} : { user: text },
  };
  checkUser(plan as unknown as Plan, ACCOUNTS);
}

describe('the user of an image', () => {
  it.each<[string | undefined, object]>([
    [undefined, {}],
    ['', {}],
    ['0', {}],
    ['1000:1000', {}],
    [':50', {}],
    ['app', { user: 'app' }],
    ['app:50', { user: 'app' }],
    ['1000:staff', { group: 'staff' }],
    ['app:staff', { user: 'app', group: 'staff' }],
  ])('%j names %j, which the image has', (text, names) => {
    expect(namesOfUser(text)).toEqual(names);
    expect(() => {
      check(text);
    }).not.toThrow();
  });

  it.each([
    ['ap', 'user ap', 'Did you mean app? The users are root, app. Add it to `users`, or write a number.'],
    ['bob:staff', 'user bob', 'The users are root, app. Add it to `users`, or write a number.'],
    ['staff', 'user staff', 'The users are root, app. Add it to `users`, or write a number.'],
    ['app:admins', 'group admins', 'The groups are root, staff. Add it to `groups`, or write a number.'],
    ['99:app', 'group app', 'The groups are root, staff. Add it to `groups`, or write a number.'],
  ])('%s is refused', (text, who, hint) => {
    const failure = failureOf(() => {
      check(text, { path: '/project/pith.yaml' });
    });
    expect(failure).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: `/project/pith.yaml: \`user\` of the variant latest is "${text}", but the image has no ${who}`,
      path: '/project/pith.yaml',
      hint,
    });
  });

  it('of the catalogue is refused by the name of the image', () => {
    const failure = failureOf(() => {
      check('bob');
    });
    expect(failure.message).toMatch(/^own: `user` /);
    expect(failure.path).toBeUndefined();
  });

  it.each<[string, PlannedFile]>([
    ['content', { project: '/project', to: '/etc/passwd', content: 'bob:x:7:7::/:/x\n' }],
    [
      'a folder of the disk',
      {
        ...{ project: '/project', from: 'conf', to: '/etc' },
        tree: {
          ...{ location: '/project/conf', digest: digestOf('a'), datedDigest: digestOf('b') },
          entries: [
            { ...{ path: '', type: 'directory', target: '', size: 0, mtime: 0, isExecutable: false } },
            { ...{ path: 'passwd', type: 'file', target: '', size: 9, mtime: 0, isExecutable: false } },
          ],
        },
      },
    ],
  ])('is the business of a definition with a passwd of its own from %s', (_what, file) => {
    expect(() => {
      check('bob', { files: [file] });
    }).not.toThrow();
    expect(
      failureOf(() => {
        check('bob:admins', { files: [file] });
      }).message,
    ).toContain('no group admins');
  });

  it('is the business of the image below where it is from there', () => {
    expect(() => {
      check('bob', { below: 'bob' });
    }).not.toThrow();
    expect(
      failureOf(() => {
        check('bob', { below: 'app' });
      }).message,
    ).toContain('no user bob');
  });
});
