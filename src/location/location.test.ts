import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLocation, parseLocation } from './location.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a location', () => {
  it.each([
    ['oci:images', { kind: 'oci', path: 'images' }],
    ['oci:images:latest', { kind: 'oci', path: 'images', reference: 'latest' }],
    [
      'oci:images:static-debian13:latest',
      { kind: 'oci', path: 'images', reference: 'static-debian13:latest' },
    ],
    ['oci:/a b/c:docker.io/library/x:1', { kind: 'oci', path: '/a b/c', reference: 'docker.io/library/x:1' }],
    ['oci-archive:out/cc.tar', { kind: 'oci-archive', path: 'out/cc.tar' }],
    ['oci-archive:cc.tar:cc:nonroot', { kind: 'oci-archive', path: 'cc.tar', reference: 'cc:nonroot' }],
    ['docker-archive:cc.tar', { kind: 'docker-archive', path: 'cc.tar' }],
    [
      'docker-archive:cc.tar:localhost:5000/cc:1',
      { kind: 'docker-archive', path: 'cc.tar', reference: 'localhost:5000/cc:1' },
    ],
    ['docker-archive:cc.tar:@0', { kind: 'docker-archive', path: 'cc.tar', reference: '@0' }],
    ['containers-storage:cc-debian13', { kind: 'containers-storage', reference: 'cc-debian13' }],
    ['containers-storage:quay.io/me/cc:1', { kind: 'containers-storage', reference: 'quay.io/me/cc:1' }],
    ['docker-daemon:cc:latest', { kind: 'docker-daemon', reference: 'cc:latest' }],
    [`docker-daemon:cc@${DIGEST}`, { kind: 'docker-daemon', reference: `cc@${DIGEST}` }],
    [`containerd:cc:1@${DIGEST}`, { kind: 'containerd', reference: `cc:1@${DIGEST}` }],
    ['containers-storage:d09ebff63049', { kind: 'containers-storage', reference: 'd09ebff63049' }],
    [`docker-daemon:${DIGEST}`, { kind: 'docker-daemon', reference: DIGEST }],
    ['docker://quay.io/me/cc:1', { kind: 'docker', reference: 'quay.io/me/cc:1' }],
    ['docker://localhost:5000/me/', { kind: 'docker', reference: 'localhost:5000/me/' }],
    ['containerd:quay.io/me/cc:1', { kind: 'containerd', reference: 'quay.io/me/cc:1' }],
  ])('%s', (text, location) => {
    expect(parseLocation(text)).toEqual(location);
    expect(formatLocation(parseLocation(text))).toBe(text);
  });

  it.each([
    [
      'images',
      '"images" does not say what kind of location it is',
      'Supported are oci:DIR[:TAG], oci-archive:FILE[:TAG]',
    ],
    ['oic:images', '"oic" is not a kind of location', 'Did you mean oci:?'],
    ['docker-archiv:x.tar', '"docker-archiv" is not a kind of location', 'Did you mean docker-archive:?'],
    ['oci-dir:x', 'locations of the kind oci-dir: are not supported', 'Supported are oci:DIR[:TAG]'],
    ['docker:example.com/x', 'of the form docker://REGISTRY/REPOSITORY[:TAG|@DIGEST]', ''],
    ['docker://example.com/X', '"X" is not a repository', 'lower case: x'],
    ['localhost:5000/x/', 'does not say what kind', 'A registry is written as docker://localhost:5000/x/.'],
    ['r.example/x:1', 'does not say what kind', 'A registry is written as docker://r.example/x:1.'],
    ['ostree:x/y', 'locations of the kind ostree: are not supported', 'Supported are'],
    ['https://r.example/x', 'locations of the kind https: are not supported', 'Supported are'],
    ['ostree:x', 'locations of the kind ostree: are not supported', 'containerd:NAME[:TAG].'],
    ['constructor:x', 'locations of the kind constructor: are not supported', 'Supported are'],
    ['oci', '"oci" is not a kind of location', 'Did you mean oci:?'],
    ['oci:', '"oci:" is not a location of the form oci:DIR[:TAG]', 'must not be empty'],
    ['oci::tag', 'of the form oci:DIR[:TAG]', 'must not be empty'],
    ['oci:images:', 'of the form oci:DIR[:TAG]', 'must not be empty'],
    ['oci:images:a b', 'of the form oci:DIR[:TAG]', ''],
    ['oci:a\0b', 'of the form oci:DIR[:TAG]', ''],
    ['docker-archive:x.tar:Upper', 'of the form docker-archive:FILE[:NAME[:TAG]]', 'lower-case'],
    ['docker-archive:x.tar:x@sha256:' + 'a'.repeat(64), 'of the form docker-archive:', ''],
    ['containers-storage:', 'of the form containers-storage:NAME[:TAG]', ''],
    ['containers-storage:[vfs@/x]cc', 'of the form containers-storage:NAME[:TAG]', ''],
    ['containers-storage:cc@sha256:1', 'of the form containers-storage:NAME[:TAG]', ''],
    [`docker-daemon:@${DIGEST}`, 'of the form docker-daemon:NAME[:TAG]', ''],
    [`containerd:cc@${DIGEST}@${DIGEST}`, 'of the form containerd:NAME[:TAG]', ''],
    ['docker-daemon:cc:-x', 'of the form docker-daemon:NAME[:TAG]', ''],
    ['containerd:', 'of the form containerd:NAME[:TAG]', ''],
    ['containerd://cc', 'of the form containerd:NAME[:TAG]', ''],
    ['', '"" does not say what kind of location it is', 'Supported are'],
  ])('%j is none', (text, message, hint) => {
    expect(() => parseLocation(text)).toThrow(
      expect.objectContaining({
        code: 'BAD_LOCATION',
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      }),
    );
  });

  it('is the same after it was written and read, or is refused', () => {
    const kinds = fc.constantFrom(
      'oci',
      'oci-archive',
      'docker-archive',
      'containers-storage',
      'docker-daemon',
      'containerd',
      'docker',
    );
    fc.assert(
      fc.property(kinds, fc.string(), (kind, rest) => {
        const text = `${kind}:${rest}`;
        let location;
        try {
          location = parseLocation(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_LOCATION' });
          return;
        }
        expect(formatLocation(location)).toBe(text);
      }),
    );
  });
});
