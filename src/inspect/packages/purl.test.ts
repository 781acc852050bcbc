import { describe, expect, it } from 'vitest';
import { purlOf, purlOfPackage, type PurlParts } from './purl.ts';

describe('a package URL', () => {
  /** From the examples and tests of ECMA-427 and its types. */
  it.each<[string, PurlParts]>([
    [
      'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie',
      {
        type: 'deb',
        namespace: 'Debian',
        name: 'Curl',
        version: '7.50.3-1',
        qualifiers: { distro: 'jessie', arch: 'i386' },
      },
    ],
    [
      'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
      {
        type: 'deb',
        namespace: 'debian',
        name: 'attr',
        version: '1:2.4.47-2+b1',
        qualifiers: { arch: 'amd64' },
      },
    ],
    [
      'pkg:apk/alpine/curl@7.83.0-r0?arch=x86',
      { type: 'apk', namespace: 'alpine', name: 'curl', version: '7.83.0-r0', qualifiers: { arch: 'x86' } },
    ],
    [
      'pkg:rpm/fedora/centerim@4.22.10-1.el6?arch=i686&distro=fedora-25&epoch=1',
      {
        type: 'rpm',
        namespace: 'Fedora',
        name: 'centerim',
        version: '4.22.10-1.el6',
        qualifiers: { arch: 'i686', epoch: '1', distro: 'fedora-25' },
      },
    ],
    [
      'pkg:npm/%40angular/animation@12.3.1',
      { type: 'npm', namespace: '@angular', name: 'animation', version: '12.3.1' },
    ],
    [
      'pkg:npm/mypackage@12.4.5?vcs_url=git:%2F%2Fhost.com%2Fpath%2Fto%2Frepo.git%404345abcd34343',
      {
        type: 'npm',
        name: 'mypackage',
        version: '12.4.5',
        qualifiers: { vcs_url: 'git://host.com/path/to/repo.git@4345abcd34343' },
      },
    ],
    ['pkg:pypi/django-package@1.11.1.dev1', { type: 'pypi', name: 'Django_Package', version: '1.11.1.dev1' }],
    ['pkg:maven/org.apache.commons/io', { type: 'maven', namespace: 'org.apache.commons', name: 'io' }],
    [
      'pkg:maven/HTTPClient/HTTPClient@0.3-3',
      { type: 'maven', namespace: 'HTTPClient', name: 'HTTPClient', version: '0.3-3' },
    ],
    [
      'pkg:maven/mygroup/myartifact@1.0.0%20Final?mykey=my%20value',
      {
        type: 'maven',
        namespace: 'mygroup',
        name: 'myartifact',
        version: '1.0.0 Final',
        qualifiers: { mykey: 'my value' },
      },
    ],
    [
      'pkg:golang/github.com/gorilla/context@234fd47e07d1004f0aed9c',
      { type: 'golang', namespace: 'github.com/gorilla', name: 'context', version: '234fd47e07d1004f0aed9c' },
    ],
  ])('%s', (purl, parts) => {
    expect(purlOf(parts)).toBe(purl);
  });

  it.each([
    [
      { type: 'deb', name: 'libc6', version: '2.36-9~deb12u1', architecture: 'amd64' },
      'pkg:deb/libc6@2.36-9~deb12u1?arch=amd64',
    ],
    [
      { type: 'rpm', name: 'bash', version: '1:5.2-1', architecture: 'noarch' },
      'pkg:rpm/bash@5.2-1?arch=noarch&epoch=1',
    ],
    [{ type: 'rpm', name: 'gpg-pubkey', version: '1-2' }, 'pkg:rpm/gpg-pubkey@1-2'],
    [{ type: 'npm', name: '@scope/a', version: '1.0.0' }, 'pkg:npm/%40scope/a@1.0.0'],
    [{ type: 'maven', name: 'g.h:a', version: '1' }, 'pkg:maven/g.h/a@1'],
    [{ type: 'maven', name: 'a', version: '1' }, 'pkg:maven/a@1'],
    [
      { type: 'golang', name: 'github.com/Azure/go', version: 'v1.0.0+incompatible' },
      'pkg:golang/github.com/azure/go@v1.0.0%2Bincompatible',
    ],
    [{ type: 'golang', name: 'stdlib', version: '1.22.1' }, 'pkg:golang/stdlib@1.22.1'],
    [{ type: 'golang', name: 'example.com/x', version: '(devel)' }, 'pkg:golang/example.com/x'],
    [{ type: 'pypi', name: 'a', version: "1!2'3(4)*" }, 'pkg:pypi/a@1%212%273%284%29%2A'],
  ] as const)('of %j', (one, purl) => {
    expect(purlOfPackage(one)).toBe(purl);
  });

  it('names the distribution where the type has it', () => {
    const one = { name: 'a', version: '1' } as const;
    expect(purlOfPackage({ ...one, type: 'apk' }, 'wolfi')).toBe('pkg:apk/wolfi/a@1');
    expect(purlOfPackage({ ...one, type: 'npm' }, 'wolfi')).toBe('pkg:npm/a@1');
  });
});
