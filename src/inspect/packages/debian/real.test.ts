import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { succeed } from '../../../testing/commands.ts';
import { describeWith } from '../../../testing/tools.ts';
import type { Fact } from '../../facts.ts';
import { factsOf } from '../fixtures.ts';
import { joinPackages } from '../join.ts';
import { ownersOf } from '../owners.ts';
import { debianReader } from './readers.ts';

const DATABASE = 'var/lib/dpkg';

async function readMachine(): Promise<{ path: string; layer: number; facts: readonly Fact[] }[]> {
  const lists = readdirSync(`/${DATABASE}/info`).map((name) => `${DATABASE}/info/${name}`);
  const found = [];
  for (const path of [`${DATABASE}/status`, ...lists]) {
    const facts = await factsOf(debianReader, path, readFileSync(`/${path}`));
    found.push({ path, layer: 0, facts });
  }
  return found;
}

describeWith("dpkg's database of this machine", { tools: ['dpkg-query'] }, () => {
  const format = [
    'db:Status-Status',
    'Package',
    'Version',
    'Architecture',
    'source:Package',
    'source:Version',
  ]
    .map((field) => `\${${field}}`)
    .join('\t');

  it('has the packages that dpkg-query lists', async () => {
    const lines = (await succeed('dpkg-query', ['-W', '-f', `${format}\t\${Installed-Size}\n`]))
      .trim()
      .split('\n');
    const expected = lines
      .filter((line) => line.startsWith('installed\t'))
      .map((line) => line.split('\t').slice(1).join('\t'));
    const packages = joinPackages(await readMachine());
    const ours = packages.map(({ name, version, architecture, source = { name, version }, installedSize }) =>
      [
        name,
        version,
        architecture,
        source.name,
        source.version,
        installedSize === undefined ? '' : installedSize / 1024,
      ].join('\t'),
    );
    expect(ours.sort()).toEqual(expected.sort());
    expect(ours.length).toBeGreaterThan(50);
  });

  it('says whose a file is as dpkg-query does, and every file of a package', async () => {
    const packages = joinPackages(await readMachine());
    const owners = ownersOf(packages);
    const essential = packages.filter(({ name }) =>
      ['base-files', 'bash', 'dpkg', 'libc6', 'coreutils'].includes(name),
    );
    expect(essential.length).toBeGreaterThan(3);
    for (const { name, architecture, files } of essential) {
      const listed = (await succeed('dpkg-query', ['-L', `${name}:${architecture ?? ''}`])).split('\n');
      const isFolder = (path: string): boolean => listed.some((other) => other.startsWith(`${path}/`));
      const own = listed.filter((path) => path.startsWith('/') && path !== '/.' && !isFolder(path));
      expect(files.map(({ path }) => `/${path}`).sort()).toEqual(own.sort());
      for (const { path } of files) expect(owners.get(path)?.name).toBeDefined();
    }
    expect(owners.get('usr/bin/bash')?.name).toBe('bash');
    expect(owners.get('bin/bash')?.name).toBe('bash');
  });

  it('states the sums that md5sum(1) computes', async () => {
    const bash = joinPackages(await readMachine()).find(({ name }) => name === 'bash');
    const file = bash?.files.find(({ path }) => /^(?:usr\/)?bin\/bash$/.test(path));
    expect(await succeed('md5sum', ['/bin/bash'])).toMatch(new RegExp(`^${file?.md5 ?? 'none'} `));
  });
});

describeWith('copyright files of this machine', { tools: ['dpkg-query'] }, () => {
  it('say their licences in short texts, none twice', async () => {
    for (const name of readdirSync('/usr/share/doc').slice(0, 300)) {
      const path = `usr/share/doc/${name}/copyright`;
      let content: Buffer;
      try {
        content = readFileSync(`/${path}`);
      } catch {
        continue;
      }
      for (const fact of await factsOf(debianReader, path, content)) {
        if (fact.kind !== 'licences') continue;
        expect(new Set(fact.licences).size).toBe(fact.licences.length);
        expect(fact.licences.filter((text) => text.length > 512)).toEqual([]);
      }
    }
  });
});
