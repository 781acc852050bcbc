import { describe, expect, it } from 'vitest';
import { failureOf } from '../../testing/thrown.ts';
import { parseInstalled } from './installed.ts';

const STATUS = `Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc (2.41-12)
Version: 2.41-12+b1
Provides: libc-abi (= 1)
Depends: libgcc-s1
Conffiles:
 /etc/ld.so.conf.d/x.conf 0123

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: half
Status: install ok half-configured
Architecture: all
Version: 1
`;

describe('the package database of an image', () => {
  it('tells what is installed', () => {
    const found = parseInstalled(STATUS, 'var/lib/dpkg/status');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      name: 'libc6',
      version: '2.41-12+b1',
      source: { name: 'glibc', version: '2.41-12' },
      multiArch: 'same',
      provides: 'libc-abi (= 1)',
      depends: 'libgcc-s1',
    });
  });

  it('of a distroless image has no states', () => {
    const text = 'Package: tzdata\nVersion: 2026a-1\nArchitecture: all\n';
    expect(parseInstalled(text, 'status.d/tzdata').map(({ name }) => name)).toEqual(['tzdata']);
  });

  it.each([
    ['no stanza', 'rubbish\n'],
    ['no version', 'Package: a\nArchitecture: all\n'],
    ['no name', 'Version: 1\nArchitecture: all\n'],
  ])('with %s is refused', (_what, text) => {
    expect(failureOf(() => parseInstalled(text, 'status')).code).toBe('IMAGE_INVALID');
  });
});
