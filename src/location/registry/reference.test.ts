import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PithError } from '../../core/index.ts';
import { hostOf, parseRegistryReference } from './reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a reference', () => {
  it.each([
    ['debian', { registry: 'docker.io', repository: 'library/debian', tag: 'latest' }],
    ['debian:12', { registry: 'docker.io', repository: 'library/debian', tag: '12' }],
    ['me/app', { registry: 'docker.io', repository: 'me/app', tag: 'latest' }],
    ['docker.io/debian', { registry: 'docker.io', repository: 'library/debian', tag: 'latest' }],
    ['index.docker.io/me/app:1', { registry: 'docker.io', repository: 'me/app', tag: '1' }],
    ['quay.io/app', { registry: 'quay.io', repository: 'app', tag: 'latest' }],
    ['localhost/app', { registry: 'localhost', repository: 'app', tag: 'latest' }],
    ['localhost:5000/a/b/c:X_1.2', { registry: 'localhost:5000', repository: 'a/b/c', tag: 'X_1.2' }],
    ['127.0.0.1:5000/app', { registry: '127.0.0.1:5000', repository: 'app', tag: 'latest' }],
    ['[::1]:5000/app', { registry: '[::1]:5000', repository: 'app', tag: 'latest' }],
    ['[fe80::1]/app', { registry: '[fe80::1]', repository: 'app', tag: 'latest' }],
    ['UPPER/app', { registry: 'UPPER', repository: 'app', tag: 'latest' }],
    [`quay.io/app@${DIGEST}`, { registry: 'quay.io', repository: 'app', digest: DIGEST }],
    [`quay.io/app:1@${DIGEST}`, { registry: 'quay.io', repository: 'app', tag: '1', digest: DIGEST }],
    [`debian@${DIGEST}`, { registry: 'docker.io', repository: 'library/debian', digest: DIGEST }],
  ])('%s', (text, parts) => {
    expect(parseRegistryReference(text)).toEqual({ ...parts, isFolder: false });
  });

  it.each([
    ['localhost:5000/', { registry: 'localhost:5000', repository: '' }],
    ['quay.io/me/', { registry: 'quay.io', repository: 'me' }],
    ['me/', { registry: 'docker.io', repository: 'me' }],
  ])('to a folder: %s', (text, parts) => {
    expect(parseRegistryReference(text)).toEqual({ ...parts, isFolder: true });
  });

  it.each([
    ['', 'the name is missing', 'lower-case words'],
    ['https://quay.io/app', 'an address is not the name of an image', 'docker://quay.io/app'],
    ['//quay.io/app', 'an address is not', 'docker://quay.io/app'],
    ['localhost:5000', 'names a registry, but no repository', 'docker://REGISTRY/REPOSITORY'],
    ['quay.io', 'names a registry, but no repository', ''],
    ['quay.io/App', '"App" is not a repository', 'lower case: app'],
    ['quay.io/a//b', '"a//b" is not a repository', 'words'],
    ['quay.io/-a', '"-a" is not a repository', ''],
    ['quay.io/a b', '"a b" is not a repository', ''],
    ['quay.io/a%2f..', 'is not a repository', ''],
    ['quay.io/../a', 'is not a repository', ''],
    ['quay.io/app:', '"" is not a tag', '128'],
    ['quay.io/app:-x', '"-x" is not a tag', ''],
    ['quay.io/app:a:b', '"a:b" is not a tag', ''],
    [`quay.io/app:${'x'.repeat(129)}`, 'is not a tag', ''],
    ['quay.io/app@', '"" is not a digest', 'sha256:'],
    ['quay.io/app@sha256:abc', '"sha256:abc" is not a digest', '64'],
    [`quay.io/app@${DIGEST.toUpperCase()}`, 'is not a digest', ''],
    [`quay.io/app@${DIGEST}@${DIGEST}`, 'is not a digest', ''],
    [`quay.io/me/@${DIGEST}`, 'a folder has no digest', 'repository'],
    ['quay.io:99999/app', '"quay.io:99999" is not a registry', 'HOST:PORT'],
    ['quay.io:x/app', 'is not a registry', ''],
    ['user:secret@quay.io/app', 'is not a digest', ''],
    ['[::1/app', 'is not a registry', ''],
    ['a'.repeat(64), 'is not the name of a repository', ''],
    [`quay.io/${'a/'.repeat(130)}a`, 'longer than 255 characters', ''],
    ['quay.io/app\n', 'is not a repository', ''],
  ])('%j is none', (text, message, hint) => {
    expect(() => parseRegistryReference(text)).toThrow(
      expect.objectContaining({
        code: 'BAD_LOCATION',
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      }),
    );
  });

  it('is refused with an error, or has nothing in it that is more than a path in an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z./:@\[\]-]{1,20}$/)), (text) => {
        try {
          const { registry, repository, tag = 'x' } = parseRegistryReference(text);
          const url = new URL(`https://${hostOf(registry)}/v2/${repository}/manifests/${tag}`);
          expect(url.pathname).toMatch(/^\/v2\/([a-z0-9/._-]+\/)?\/?manifests\/[\w.-]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(PithError);
        }
      }),
    );
  });

  it('of Docker Hub is asked for at its registry', () => {
    expect(['docker.io', 'quay.io:1'].map(hostOf)).toEqual(['registry-1.docker.io', 'quay.io:1']);
  });
});
