import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWith } from '../../../testing/tools.ts';
import { readCheckout, withCheckout } from './checkout.ts';

const COMMIT = '1'.repeat(40);
const OTHER = '2'.repeat(40);
const TAG = 'a'.repeat(40);
const ORIGIN = '[remote "origin"]\n\turl = https://forge.example/team/app.git\n';
const SOURCE = 'https://forge.example/team/app';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-git-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A repository with a commit on a branch; more files, or others in their place, relative to `.git`. */
function repository(more: Readonly<Record<string, string | Uint8Array>> = {}, place = '.git'): void {
  const files = {
    HEAD: 'ref: refs/heads/main\n',
    config: '',
    'objects/info/x': '',
    'refs/heads/main': `${COMMIT}\n`,
    ...more,
  };
  write(Object.fromEntries(Object.entries(files).map(([path, content]) => [join(place, path), content])));
}

function tagObject(target: string, type = 'commit'): Uint8Array {
  const text = `object ${target}\ntype ${type}\ntag v1\ntagger A <a@example> 0 +0000\n\nv1\n`;
  return deflateSync(`tag ${text.length}\0${text}`);
}

const LOOSE_TAG = `objects/aa/${'a'.repeat(38)}`;

describe('what is checked out', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['a branch', {}, COMMIT],
    ['no branch', { HEAD: `${OTHER}\n` }, OTHER],
    ['a commit of SHA-256', { HEAD: 'c'.repeat(64) }, 'c'.repeat(64)],
    ['a branch with a slash', { HEAD: 'ref: refs/heads/a/b', 'refs/heads/a/b': OTHER }, OTHER],
    ['a packed branch', { HEAD: 'ref: refs/heads/old\n', 'packed-refs': `${OTHER} refs/heads/old\n` }, OTHER],
    ['a branch that is packed and newer by itself', { 'packed-refs': `${OTHER} refs/heads/main\n` }, COMMIT],
    ['a branch before its first commit', { HEAD: 'ref: refs/heads/new\n' }, undefined],
    ['a link that leads out', { HEAD: 'ref: refs/../../secret\n' }, undefined],
    ['a circle', { 'refs/heads/main': 'ref: refs/heads/main\n' }, undefined],
    ['reftable, which is not read', { HEAD: 'ref: refs/heads/.invalid\n' }, undefined],
    ['no text', { HEAD: '\0\0' }, undefined],
  ])('%s', (_what, files, revision) => {
    repository(files);
    expect(readCheckout(folder)).toEqual(revision === undefined ? {} : { revision });
  });

  it('is that of the folder above', () => {
    repository();
    write({ 'a/b/c': '' });
    expect(readCheckout(join(folder, 'a/b'))).toEqual({ revision: COMMIT });
  });

  it('is that of the nearest folder with a repository', () => {
    repository();
    repository({ HEAD: OTHER }, 'inner/.git');
    write({ 'broken/.git/HEAD': OTHER });
    expect(readCheckout(join(folder, 'inner'))).toEqual({ revision: OTHER });
    expect(readCheckout(join(folder, 'broken'))).toEqual({ revision: COMMIT });
  });

  it('is that of a worktree, which shares the rest', () => {
    repository({ config: ORIGIN, 'worktrees/w/HEAD': OTHER, 'worktrees/w/commondir': '../..\n' });
    write({ 'w/.git': `gitdir: ${folder}/.git/worktrees/w\n` });
    expect(readCheckout(join(folder, 'w'))).toEqual({ revision: OTHER, source: SOURCE });
  });

  it('is that of a submodule', () => {
    repository();
    repository({ HEAD: OTHER }, '.git/modules/m');
    write({ 'm/.git': 'gitdir: ../.git/modules/m\n' });
    expect(readCheckout(join(folder, 'm'))).toEqual({ revision: OTHER });
  });

  it.each(['', 'gitdir: \n', 'gitdir: nowhere', 'gitdir: a\0b', 'x'.repeat(9000)])(
    'is unknown where .git is a file that holds %j',
    (text) => {
      write({ '.git': text });
      expect(readCheckout(folder)).toEqual({});
    },
  );

  it('is unknown, never an error, whatever .git holds', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, bytes, bytes, bytes, (HEAD, config, packed, object) => {
        repository({ HEAD, config, 'packed-refs': packed, 'refs/tags/v1': TAG, [LOOSE_TAG]: object });
        repository({ 'objects/pack/p.idx': Buffer.concat([Buffer.from('ff744f6300000002', 'hex'), packed]) });
        expect(readCheckout(folder)).toBeDefined();
      }),
      { numRuns: 50 },
    );
  });
});

describe('its address', () => {
  it.each<[string, string | undefined]>([
    ['https://forge.example/team/app.git', SOURCE],
    ['https://forge.example/team/app/', SOURCE],
    ['https://user:secret@forge.example/team/app.git', SOURCE],
    ['https://forge.example/team/app?private_token=secret', SOURCE],
    ['https://forge.example:8443/team/app', 'https://forge.example:8443/team/app'],
    ['http://intranet/app.git', 'http://intranet/app'],
    ['git@forge.example:team/app.git', SOURCE],
    ['forge.example:team/app', SOURCE],
    ['git@forge.example:/team/app.git', SOURCE],
    ['ssh://git@forge.example:2222/team/app.git', SOURCE],
    ['git+ssh://git@forge.example/team/app.git', SOURCE],
    ['git://forge.example/team/app.git', SOURCE],
    ['git@work:team/app.git', undefined],
    ['git@forge.example:~user/app.git', undefined],
    ['/srv/git/app.git', undefined],
    ['../app', undefined],
    ['file:///srv/git/app.git', undefined],
    ['C:\\\\git\\\\app', undefined],
    ['javascript:alert(1)', undefined],
    [`https://forge.example/${'a'.repeat(2000)}`, undefined],
    ['', undefined],
  ])('%s', (url, source) => {
    repository({ config: `[remote "origin"]\n url = ${url}\n`, HEAD: 'ref: refs/heads/new' });
    expect(readCheckout(folder)).toEqual(source === undefined ? {} : { source });
  });

  const UPSTREAM = '[remote "up stream"]\n url = https://forge.example/up\n';
  it.each<[string, string, string | undefined]>([
    ['of the only remote', UPSTREAM, 'https://forge.example/up'],
    ['of origin', UPSTREAM + ORIGIN, SOURCE],
    [
      'of the remote of the branch',
      `${ORIGIN}${UPSTREAM}[branch "main"]\n remote = "up stream"\n`,
      'https://forge.example/up',
    ],
    ['of origin for another branch', `${ORIGIN}${UPSTREAM}[branch "x"]\n remote = up stream\n`, SOURCE],
    ['of origin for a branch of the repository itself', `${ORIGIN}[branch "main"]\n remote = .\n`, SOURCE],
    [
      'that a branch has itself',
      '[branch "main"]\nremote=https://forge.example/b\n',
      'https://forge.example/b',
    ],
    ['the first of several', `${ORIGIN} url = https://forge.example/second\n`, SOURCE],
    [
      'with a comment',
      '[REMOTE "origin"] ; c\n # c\n URL = https://forge.example/a ; c\n',
      'https://forge.example/a',
    ],
    ['in quotes', '[remote "origin"] url = "https://forge.example/a#b"\n', 'https://forge.example/a'],
    ['in two lines', '[remote "origin"]\nurl = https://forge.\\\nexample/a\n', 'https://forge.example/a'],
    ['with escapes', '[remote "or\\"igin"]\nurl = https://forge.example/\\"\n', 'https://forge.example/%22'],
    ['of two remotes without origin', `${UPSTREAM}[remote "b"]\nurl = https://forge.example/b\n`, undefined],
    ['of a file that git refuses: no section', `url = x\n${ORIGIN}`, undefined],
    ['of a file that git refuses: an open quote', `${ORIGIN}[a]\nb = "c\n`, undefined],
    ['of a file that git refuses: an escape that is none', `${ORIGIN}[a]\nb = \\x\n`, undefined],
  ])('%s', (_what, config, source) => {
    repository({ config });
    expect(readCheckout(folder).source).toBe(source);
  });
});

describe('its version', () => {
  const PEELED = '# pack-refs with: peeled fully-peeled sorted \n';
  it.each<[string, Record<string, string | Uint8Array>, string | undefined]>([
    ['a tag', { 'refs/tags/v1.2.3': COMMIT }, '1.2.3'],
    ['a tag with an object', { 'refs/tags/v2': TAG, [LOOSE_TAG]: tagObject(COMMIT) }, '2'],
    [
      'a tag of another commit',
      { 'refs/tags/v1': OTHER, 'refs/tags/v2': TAG, [LOOSE_TAG]: tagObject(OTHER) },
      undefined,
    ],
    ['a tag that stands for itself', { 'refs/tags/v2': TAG, [LOOSE_TAG]: tagObject(TAG, 'tag') }, undefined],
    ['a damaged object', { 'refs/tags/v2': TAG, [LOOSE_TAG]: 'no zlib' }, undefined],
    ['a packed tag', { 'packed-refs': `${PEELED}${COMMIT} refs/tags/1.0\n` }, '1.0'],
    ['a packed tag with an object', { 'packed-refs': `${PEELED}${TAG} refs/tags/1.0\n^${COMMIT}\n` }, '1.0'],
    [
      'a packed tag that is another by itself',
      { 'packed-refs': `${PEELED}${COMMIT} refs/tags/1.0\n`, 'refs/tags/1.0': OTHER },
      undefined,
    ],
    ['no tag of a version', { 'refs/tags/latest': COMMIT, 'refs/tags/part/v1': COMMIT }, undefined],
    ['a calendar version', { 'refs/tags/2026.11.21': COMMIT }, '2026.11.21'],
    ['the highest of several', { 'refs/tags/v1.9': COMMIT, 'refs/tags/v1.10': COMMIT }, '1.10'],
    [
      'the release before its candidates',
      { 'refs/tags/v2-rc.10': COMMIT, 'refs/tags/v2': COMMIT, 'refs/tags/v2-rc.9': COMMIT },
      '2',
    ],
    ['the last candidate', { 'refs/tags/v2-rc.10': COMMIT, 'refs/tags/v2-rc.9': COMMIT }, '2-rc.10'],
  ])('%s', (_what, files, version) => {
    repository(files);
    expect(readCheckout(folder).version).toBe(version);
  });
});

describe('labels', () => {
  const label = (values: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([k, value]) => [`org.opencontainers.image.${k}`, value]));
  const CHECKOUT = { revision: COMMIT, source: SOURCE, version: '2' };

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['are those of git', {}, { revision: COMMIT, source: SOURCE, version: '2' }],
    [
      'have the source that the application names, and the version of the tag',
      { source: 'https://x.example', version: '1', title: 'a' },
      { source: 'https://x.example', version: '2', title: 'a', revision: COMMIT },
    ],
    [
      'are those of the commit that the application was built of',
      { revision: OTHER, version: '1' },
      { revision: OTHER, version: '1', source: SOURCE },
    ],
  ])('%s', (_what, own, expected) => {
    expect(withCheckout(label(own), CHECKOUT)).toEqual(label(expected));
  });
});

describeWith('a repository that git made', { tools: ['git'] }, () => {
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example' },
    ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example' },
  };
  const git = (place: string, ...args: string[]): string =>
    execFileSync('git', args, { cwd: join(folder, place), env, encoding: 'utf8' }).trim();
  const create = (): string => {
    mkdirSync(join(folder, 'a'));
    git('a', 'init', '-q', '-b', 'main');
    git('a', 'remote', 'add', 'origin', 'git@forge.example:team/app.git');
    git('a', 'commit', '-q', '--allow-empty', '-m', 'one');
    return git('a', 'rev-parse', 'HEAD');
  };

  it('is read as git reads it', () => {
    const revision = create();
    expect(readCheckout(join(folder, 'a'))).toEqual({ revision, source: SOURCE });
    git('a', 'tag', '-a', 'v1.0', '-m', 'text '.repeat(5000));
    const all = { revision, source: SOURCE, version: '1.0' };
    expect(readCheckout(join(folder, 'a'))).toEqual(all);
    git('a', 'repack', '-q', '-a', '-d');
    git('a', 'prune-packed', '-q');
    expect(readCheckout(join(folder, 'a')), 'the object of the tag is in a pack').toEqual(all);
    git('a', 'pack-refs', '--all');
    expect(readCheckout(join(folder, 'a')), 'packed refs').toEqual(all);
    git('a', 'worktree', 'add', '-q', '../w');
    expect(readCheckout(join(folder, 'w')), 'a worktree').toEqual(all);
    git('a', 'config', 'branch.w.remote', 'other');
    git('a', 'config', 'remote.other.url', 'https://u:p@forge.example/o.git');
    expect(readCheckout(join(folder, 'w')).source).toBe('https://forge.example/o');
  });

  it('is the same in another checkout of the commit', () => {
    create();
    git('a', 'tag', 'v1');
    git('', 'clone', '-q', join(folder, 'a'), 'b');
    git('b', 'remote', 'set-url', 'origin', 'https://token@forge.example/team/app');
    git('b', 'checkout', '-q', '--detach');
    expect(readCheckout(join(folder, 'b'))).toEqual(readCheckout(join(folder, 'a')));
  });
});
