import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseListFile, parseSourcesFile, readAptSources } from './apt-sources.ts';

const debian = (uri = 'http://m.example/debian', suites = ['trixie'], components = ['main']): object => ({
  uri,
  suites,
  components,
});

describe('parseListFile', () => {
  it.each([
    ['an entry', 'deb http://m.example/debian trixie main', [debian()]],
    [
      'several components',
      'deb http://m.example/debian/ trixie main contrib',
      [debian(undefined, undefined, ['main', 'contrib'])],
    ],
    ['options', 'deb [ arch=amd64 signed-by=/k.asc ] http://m.example/debian trixie main', [debian()]],
    ['options without spaces', 'deb [arch=amd64]http://m.example/debian trixie main', [debian()]],
    ['white space', '\tdeb   http://m.example/debian\ttrixie  main  ', [debian()]],
    [
      'comments',
      '# deb http://x.example/ y main\ndeb http://m.example/debian trixie main # note',
      [debian()],
    ],
    ['a file address', 'deb file:/srv/debian trixie main', [debian('file:///srv/debian')]],
    ['sources of source packages', 'deb-src http://m.example/debian trixie main', []],
    ['a CD', 'deb cdrom:[Debian]/ trixie main', []],
    ['other transports', 'deb mirror+file:/etc/m trixie main\ndeb tor+http://m.example/ trixie main', []],
    ['a flat archive', 'deb http://m.example/flat ./', []],
    ['an address with a variable', 'deb http://m.example/$(ARCH) trixie main', []],
    ['nonsense', 'deb\nhello\n[', []],
  ])('reads %s', (_what, text, sources) => {
    expect(parseListFile(text)).toEqual(sources);
  });
});

describe('parseSourcesFile', () => {
  const stanza = 'Types: deb\nURIs: http://m.example/debian\nSuites: trixie\nComponents: main\n';
  it.each([
    ['a stanza', stanza, [debian()]],
    [
      'several addresses and suites',
      stanza.replace('debian\n', 'debian https://n.example/d/\n').replace('trixie', 'trixie trixie-updates'),
      [
        debian(undefined, ['trixie', 'trixie-updates']),
        debian('https://n.example/d', ['trixie', 'trixie-updates']),
      ],
    ],
    [
      'several stanzas and comments',
      `# c\n${stanza}# d\n\n${stanza.replace('trixie', 'sid')}`,
      [debian(), debian(undefined, ['sid'])],
    ],
    ['folded fields and keys', `${stanza}Signed-By:\n -----BEGIN PGP\n .\n xyz\n`, [debian()]],
    ['an entry that is off', `${stanza}Enabled: no\n`, []],
    ['an entry that is on', `${stanza}Enabled: yes\n`, [debian()]],
    ['sources only', stanza.replace('Types: deb', 'Types: deb-src'), []],
    ['both types', stanza.replace('Types: deb', 'Types: deb deb-src'), [debian()]],
    ['other transports', stanza.replace('http:', 'mirror+http:'), []],
    ['a file that makes no sense', 'hello', []],
  ])('reads %s', (_what, text, sources) => {
    expect(parseSourcesFile(text, 'test.sources')).toEqual(sources);
  });
});

describe('readAptSources', () => {
  it('reads the files that apt reads, in its order, below a root', async () => {
    const root = await mkdtemp(join(tmpdir(), 'pith-apt-'));
    const folder = join(root, 'etc/apt/sources.list.d');
    await mkdir(folder, { recursive: true });
    const entry = (suite: string): string => `deb http://m.example/debian ${suite} main\n`;
    await writeFile(join(root, 'etc/apt/sources.list'), entry('a'));
    await writeFile(join(folder, '20.list'), entry('c'));
    await writeFile(
      join(folder, '10.sources'),
      'Types: deb\nURIs: http://m.example/debian\nSuites: b\nComponents: main\n',
    );
    await writeFile(join(folder, '00.list.disabled'), entry('x'));
    await writeFile(join(folder, '0 0.list'), entry('y'));
    const sources = readAptSources(root);
    expect(sources.flatMap(({ suites }) => suites)).toEqual(['a', 'b', 'c']);
    await rm(root, { recursive: true });
    expect(readAptSources(root)).toEqual([]);
  });
});
