import { describe, expect, it } from 'vitest';
import { assembleImage, parsePlatform, type Image, type Layer } from '../../oci/index.ts';
import { blobOfBytes } from '../../oci/index.ts';
import { digestOf } from '../../core/index.ts';
import { fileEntry, layerOf, layerOfBlob, tarOf } from '../fixtures.ts';
import { mayBeRoot } from './user.ts';

function imageFor(user: string | undefined, layers: readonly Layer[] = []): Image {
  return assembleImage({
    config: {
      ...parsePlatform('linux/amd64'),
      config: user === undefined ? {} : { User: user },
      history: layers.map(() => ({})),
    },
    layers,
  });
}

/** A layer of entries that are no files. */
function special(path: string, type: 'symlink' | 'hardlink' | 'directory', linkName = ''): Layer {
  const tar = tarOf([[fileEntry(path, 0, { type, linkName }), '']]);
  return layerOfBlob(blobOfBytes(tar), digestOf(tar), 'none');
}

const ACCOUNTS = 'root:x:0:0::/root:/sbin/nologin\napp:x:1000:1000::/:/x\ntoor:x:0:0::/:/x\n';

describe('a user without a name', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['0', true],
    ['00', true],
    ['+0', true],
    ['-0', true],
    ['0:1000', true],
    [':1000', true],
    ['root', true],
    ['root:app', true],
    ['1000', false],
    ['1000:0', false],
    ['65532:65532', false],
  ])('%j: root is %j', async (user, isRoot) => {
    expect(await mayBeRoot(imageFor(user))).toBe(isRoot);
  });
});

describe('a user with a name', () => {
  const passwd = layerOf({ 'etc/passwd': ACCOUNTS });
  const nothing = layerOf({ 'srv/x': 'x' });

  it.each([
    ['app', false],
    ['app:root', false],
    ['toor', true],
    ['nobody', true],
    ['a', true],
    ['x', true],
  ])('%s: may be root is %j', async (user, isRoot) => {
    expect(await mayBeRoot(imageFor(user, [await passwd, await nothing]))).toBe(isRoot);
  });

  it.each<[string, () => Promise<readonly Layer[]>, boolean]>([
    ['no accounts at all', async () => [await nothing], true],
    ['a path that starts with ./', async () => [await layerOf({ './etc/passwd': ACCOUNTS })], false],
    ['a zstd layer', async () => [await layerOf({ 'etc/passwd': ACCOUNTS }, 'zstd')], false],
    [
      'accounts of an upper layer',
      async () => [await passwd, await layerOf({ 'etc/passwd': 'app:x:0:0::/:/x' })],
      true,
    ],
    [
      'a path with turns',
      async () => [await passwd, await layerOf({ '../srv/..//etc/./passwd': 'app:x:0:0::/:/x' })],
      true,
    ],
    [
      'a file that comes twice, of which the last counts',
      () => {
        const tar = tarOf([
          ['etc/passwd', ACCOUNTS],
          ['./etc/passwd', 'app:x:0:0::/:/x'],
        ]);
        return Promise.resolve([layerOfBlob(blobOfBytes(tar), digestOf(tar), 'none')]);
      },
      true,
    ],
    [
      'a name that comes twice, of which the first counts',
      async () => [await layerOf({ 'etc/passwd': ` app:x:0:0::/:/x\n${ACCOUNTS}` })],
      true,
    ],
    ['no number', async () => [await layerOf({ 'etc/passwd': 'app:x::0::/:/x' })], true],
    ['a removed file', async () => [await passwd, await layerOf({ 'etc/.wh.passwd': '' })], true],
    ['a removed folder', async () => [await passwd, await layerOf({ '.wh.etc': '' })], true],
    ['a hidden folder', async () => [await passwd, await layerOf({ 'etc/.wh..wh..opq': '' })], true],
    [
      'a folder that is hidden and filled again',
      async () => [await nothing, await layerOf({ 'etc/.wh..wh..opq': '', 'etc/passwd': ACCOUNTS })],
      false,
    ],
    [
      'a link in place of the file',
      async () => [await passwd, special('etc/passwd', 'symlink', '/srv/x')],
      true,
    ],
    [
      'a hard link in place of the file',
      async () => [await passwd, special('etc/passwd', 'hardlink', 'srv/x')],
      true,
    ],
    ['a link in place of the folder', async () => [await passwd, special('etc', 'symlink', '/srv')], true],
    ['the folder once more', async () => [await passwd, special('etc', 'directory')], false],
    [
      'more than a megabyte of accounts',
      async () => [await layerOf({ 'etc/passwd': ACCOUNTS + '#'.repeat(2 ** 20) })],
      true,
    ],
  ])('in an image with %s', async (_what, layers, isRoot) => {
    expect(await mayBeRoot(imageFor('app', await layers()))).toBe(isRoot);
  });

  it('is not looked up in a layer with other bytes than it should have', async () => {
    const layer = await layerOf({ 'etc/passwd': ACCOUNTS }, 'none');
    const wrong = tarOf([['etc/passwd', ACCOUNTS.replace('1000', '1001')]]);
    const forged = { ...layer, blob: { ...layer.blob, open: () => blobOfBytes(wrong).open() } };
    await expect(mayBeRoot(imageFor('app', [forged]))).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  });
});
