import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Store } from '../store/index.ts';
import { type LayerFiles, makeImage, makeLayer } from '../testing/layered-image.ts';
import { checkRebase, RELEASE, type RebaseRow } from '../testing/rebase.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { rebaseImage } from './rebase.ts';

const folder = mkdtempSync(join(tmpdir(), 'pith-rebase-'));
const store = Store.open(folder);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the distribution', () => {
  const release = (text: string): LayerFiles => ({ 'etc/os-release': text });
  it.each<RebaseRow>([
    ['may be the same', {}, []],
    [
      'may be of another point release',
      { before: release('ID=debian\nVERSION_ID=13.1'), after: release('ID=debian\nVERSION_ID=13.2') },
      [],
    ],
    [
      'must not be of another major',
      { before: release('ID=debian\nVERSION_ID=12') },
      ['distribution: the old base is debian 12, the new one debian 13'],
    ],
    [
      'must not be another one',
      { after: release('ID=alpine\nVERSION_ID=3.22.1') },
      ['distribution: the old base is debian 13, the new one alpine 3.22'],
    ],
    [
      'is named by two numbers of Ubuntu',
      { before: release('ID=ubuntu\nVERSION_ID=24.04'), after: release('ID=ubuntu\nVERSION_ID=24.10') },
      ['distribution: the old base is ubuntu 24.04, the new one ubuntu 24.10'],
    ],
    [
      'must not be lost',
      { after: release('') },
      ['distribution: the old base is debian 13, the new one of no known distribution'],
    ],
    [
      'may be unknown of both',
      { before: release(''), after: release('') },
      ['note: neither base says what distribution it is of (/etc/os-release)'],
    ],
  ])('%s', async (_what, example, said) => {
    expect(await checkRebase(example, store)).toEqual(said);
  });
});

describe('files of the old base', () => {
  it.each<RebaseRow>([
    [
      'may have new ones beside them',
      {
        before: { 'var/lib/dpkg/status.d/': 'folder', 'var/lib/dpkg/status.d/a': '' },
        own: { 'var/lib/dpkg/status.d/': 'folder', 'var/lib/dpkg/status.d/b': '', 'app/x': 'x' },
      },
      [],
    ],
    [
      'must not be changed',
      { own: { 'etc/os-release': `${RELEASE}X=y\n` } },
      ['files: /etc/os-release of the old base is changed by the application'],
    ],
    [
      'must not be changed in mode',
      { before: { x: 'x' }, own: { x: { content: 'x', mode: 0o755 } } },
      ['files: /x of the old base is changed by the application'],
    ],
    [
      'must not be changed in accounts',
      {
        before: { 'etc/passwd': 'root:x:0:0::/:/' },
        own: { 'etc/passwd': 'root:x:0:0::/:/\napp:x:1:1::/:/' },
      },
      ['files: /etc/passwd of the old base is changed by the application'],
    ],
    [
      'must not be deleted',
      { before: { 'usr/a': '', 'usr/b': '' }, own: { 'usr/.wh.a': '' } },
      ['files: /usr/a of the old base is deleted by the application'],
    ],
    [
      'must not be deleted with their folder, which is told once',
      { before: { d: 'folder', 'd/a': '', 'd/b': '' }, own: { '.wh.d': '' } },
      ['files: /d of the old base is deleted by the application'],
    ],
    [
      'must not be hidden by an opaque folder',
      { before: { d: 'folder', 'd/a': '' }, after: { 'd/c': '' }, own: { 'd/.wh..wh..opq': '' } },
      [
        'files: /d/a of the old base is deleted by the application',
        'note: the application hides /d/c, which the new base has and the old one did not have',
      ],
    ],
    ['may come again', { before: { x: 'x' }, after: { x: 'x' }, own: { x: { content: 'x', mtime: 1 } } }, []],
    [
      'must not come again as they were where the new base has others',
      { before: { x: 'old' }, after: { x: 'new' }, own: { x: 'old' } },
      ['files: the application has /x as the old base had it and would hide the new one'],
    ],
    ['may come again where the new base has none', { before: { x: 'old' }, own: { x: 'old' } }, []],
    [
      'may have folders of another mode',
      { own: { etc: { type: 'directory', mode: 0o700 } } },
      ['note: the application gives the folder /etc of the old base another mode or owner'],
    ],
    [
      'may be changed where no program depends on them',
      {
        before: { 'etc/ld.so.cache': 'a', 'var/log/x': 'x' },
        own: { 'etc/ld.so.cache': 'b', 'var/log/.wh.x': '' },
      },
      [
        'note: /etc/ld.so.cache of the old base is changed by the application; programs do not depend on it',
        'note: /var/log/x of the old base is deleted by the application; programs do not depend on it',
      ],
    ],
    [
      'are changed through links of folders, too',
      {
        before: { 'usr/lib/a': 'a', lib: '-> usr/lib' },
        after: { 'usr/lib/a': 'a', lib: '-> usr/lib' },
        own: { 'lib/a': 'b' },
      },
      ['files: /usr/lib/a of the old base is changed by the application'],
    ],
    [
      'have names that do nothing to a terminal',
      { before: { 'a\u001b[2J': '' }, own: { '.wh.a\u001b[2J': '' } },
      ['files: /a[2J of the old base is deleted by the application'],
    ],
  ])('%s', async (_what, example, said) => {
    expect(await checkRebase(example, store)).toEqual(said);
  });
});

describe('files of the new base', () => {
  it.each<RebaseRow>([
    [
      'may be hidden, which is told',
      { after: { x: 'base' }, own: { x: 'own' } },
      ['note: the application hides /x, which the new base has and the old one did not have'],
    ],
    [
      'must not be links where the application has folders',
      {
        before: { lib: 'folder' },
        after: { lib: '-> usr/lib', 'usr/lib/a': 'a' },
        own: { lib: 'folder', 'lib/b': 'b' },
      },
      ['files: the application has /lib as the old base had it and would hide the new one'],
    ],
    [
      'must not be folders where the application has files',
      { after: { x: 'folder', 'x/a': 'a' }, own: { x: 'own' } },
      ['files: /x is a file of the application, but a folder of the new base'],
    ],
    [
      'must not be files where the application has folders',
      { after: { x: 'x' }, own: { 'x/a': 'a' } },
      ['files: /x/a of the application would lie below something that is no folder in the new base'],
    ],
    [
      'may be links where the application only adds files below',
      { before: { 'lib/a': 'a' }, after: { lib: '-> usr/lib', 'usr/lib/a': 'a' }, own: { 'lib/b': 'b' } },
      [],
    ],
  ])('%s', async (_what, example, said) => {
    expect(await checkRebase(example, store)).toEqual(said);
  });
});

describe('what was found', () => {
  it('is told in the error, each once, and what to do', async () => {
    const own = Object.fromEntries(Array.from({ length: 13 }, (_none, index) => [`.wh.${index + 10}`, '']));
    const before = Object.fromEntries(Array.from({ length: 13 }, (_none, index) => [`${index + 10}`, '']));
    const layer = makeLayer(before);
    const error = await rejectionOf(
      rebaseImage(
        {
          image: makeImage([layer, makeLayer(own)]),
          oldBase: makeImage([layer]),
          newBase: makeImage([layer]),
        },
        { store },
      ),
    );
    expect(error).toMatchObject({ code: 'REBASE_UNSOUND', exitCode: 8 });
    expect(error.message).toMatch(
      /^the image would not be sound on the new base: \/10 of the old base is deleted by the application; .*; and 3 more$/,
    );
    expect(error.hint).toContain('--force');
  });
});
