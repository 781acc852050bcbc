import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed, temporaryFolder } from '../../../testing/commands.ts';
import { describeWith } from '../../../testing/tools.ts';
import { packagesIn } from '../fixtures.ts';
import type { FoundPackage } from '../model.ts';
import { makeNdb } from './fixtures.ts';
import { readBerkeley } from './berkeley.ts';
import { readRpmDatabase, rpmReader } from './reader.ts';
import { SqliteFile } from './sqlite.ts';

const FILES = 700;

/** Many files, so that the header is larger than a page of any database. */
const ALPHA = `Name: alpha
Version: 1.2
Release: 3
Epoch: 2
Summary: First of two
License: MIT and BSD
BuildArch: noarch
%description
First.
%install
mkdir -p %{buildroot}/opt/alpha %{buildroot}/etc
for n in $(seq ${FILES}); do echo $n > %{buildroot}/opt/alpha/file-with-a-long-name-$n; done
echo conf > %{buildroot}/etc/alpha.conf
ln -s file-1 %{buildroot}/opt/alpha/link
%files
/opt/alpha
%config(noreplace) /etc/alpha.conf
%ghost /var/log/alpha.log
`;
const BETA = `Name: beta
Version: 0~rc1
Release: 1
Summary: Second of two
License: GPL-2.0-or-later
BuildArch: noarch
%description
Second.
%package -n gamma
Summary: Part of the second
%description -n gamma
Part.
%files
%files -n gamma
`;
const QUERY = ['NAME', 'EVR', 'ARCH', 'SIZE', 'LICENSE', 'SOURCERPM', 'SUMMARY']
  .map((tag) => `%{${tag}}`)
  .join('\t');
const FILE_QUERY = '[%{FILENAMES}\t%{FILEMODES:perms}\t%{FILEDIGESTS}\t%{FILEFLAGS:fflags}\n]';

/** As `rpm -qa` prints it with QUERY. */
function lineOf({
  name,
  version,
  architecture,
  installedSize,
  licences,
  source,
  summary,
}: FoundPackage): string {
  const plain = (text: string): string => text.replace(/^\d+:/, '');
  const made = `${source?.name ?? name}-${plain(source?.version ?? version)}.src.rpm`;
  return [name, version, architecture, installedSize ?? 0, licences.join(), made, summary].join('\t');
}

function filesOf(packages: readonly FoundPackage[]): string[] {
  return packages
    .flatMap(({ files = [] }) => files)
    .map(({ path, sha256 = '', configuration = false }) => `/${path}\t${sha256}\t${configuration ? 'c' : ''}`)
    .sort();
}

describeWith("RPM's database", { tools: ['rpm', 'rpmbuild', 'db5.3_load'] }, () => {
  const { folder, remove } = temporaryFolder();
  const database = join(folder, 'sqlite');
  let listed: string[] = [];
  let files: string[] = [];

  const rpm = (args: readonly string[]): Promise<string> => succeed('rpm', ['--dbpath', database, ...args]);

  beforeAll(async () => {
    mkdirSync(database);
    for (const [name, spec] of Object.entries({ alpha: ALPHA, beta: BETA })) {
      const path = join(folder, `${name}.spec`);
      writeFileSync(path, spec);
      await succeed('rpmbuild', ['-bb', '--quiet', '--define', `_topdir ${folder}/build`, path]);
    }
    await rpm(['--initdb']);
    const built = ['alpha-1.2-3', 'beta-0~rc1-1', 'gamma-0~rc1-1'].map(
      (name) => `${folder}/build/RPMS/noarch/${name}.noarch.rpm`,
    );
    await rpm(['--install', '--justdb', '--nodeps', ...built]);
    listed = (await rpm(['-qa', '--qf', `${QUERY}\n`])).trim().split('\n').sort();
    files = (await rpm(['-qa', '--qf', FILE_QUERY]))
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([, modes = '']) => !modes.startsWith('d'))
      .map(
        ([path = '', , digest = '', flags = '']) => `${path}\t${digest}\t${flags.includes('c') ? 'c' : ''}`,
      )
      .sort();
  });
  afterAll(remove);

  const headers = (): Buffer[] => {
    const bytes = readFileSync(join(database, 'rpmdb.sqlite'));
    return [...(SqliteFile.open(bytes)?.rows('Packages') ?? [])].flatMap(([, blob]) =>
      Buffer.isBuffer(blob) ? [blob] : [],
    );
  };

  it('in SQLite has the packages and files that rpm lists', () => {
    const packages = readRpmDatabase('rpmdb.sqlite', readFileSync(join(database, 'rpmdb.sqlite')));
    expect(packages.map(lineOf).sort()).toEqual(listed);
    expect(listed).toHaveLength(3);
    expect(filesOf(packages)).toEqual(files);
    expect(files.length).toBe(FILES + 3);
  });

  it.each(['var/lib/rpm', 'usr/lib/sysimage/rpm', 'root/.rpmdb'])('is found in %s', async (place) => {
    const bytes = readFileSync(join(database, 'rpmdb.sqlite'));
    const packages = await packagesIn(rpmReader, `${place}/rpmdb.sqlite`, bytes);
    expect(packages.map(lineOf).sort()).toEqual(listed);
  });

  it.each([512, 4096, 65536])('in Berkeley DB has them with pages of %d bytes', async (pageSize) => {
    const old = join(folder, `berkeley-${pageSize}`);
    mkdirSync(old);
    const number = (value: number): string => Buffer.from(Uint32Array.of(value).buffer).toString('hex');
    const records = [...headers().entries()].flatMap(([index, header]) => [
      number(index + 1),
      header.toString('hex'),
    ]);
    const dump = ['VERSION=3', 'format=bytevalue', 'type=hash', `db_pagesize=${pageSize}`, 'HEADER=END'];
    const lines = [
      ...dump,
      ` ${number(0)}`,
      ` ${number(4)}`,
      ...records.map((text) => ` ${text}`),
      'DATA=END',
      '',
    ];
    execFileSync('db5.3_load', [join(old, 'Packages')], { input: lines.join('\n') });
    const packages = readRpmDatabase('Packages', readFileSync(join(old, 'Packages')));
    expect(packages.map(lineOf).sort()).toEqual(listed);
    expect(filesOf(packages)).toEqual(files);
    // What Debian's rpm can still read it reads the same.
    const args = ['--dbpath', old, '--define', '_db_backend bdb_ro', '-qa', '--qf', `${QUERY}\n`];
    expect((await succeed('rpm', args)).trim().split('\n').sort()).toEqual(listed);
  });

  it("in RPM's own form has them", () => {
    const packages = readRpmDatabase('Packages.db', makeNdb(headers()));
    expect(packages.map(lineOf).sort()).toEqual(listed);
    expect(filesOf(packages)).toEqual(files);
  });

  it('is not taken for another form', () => {
    const bytes = readFileSync(join(database, 'rpmdb.sqlite'));
    expect(readRpmDatabase('Packages.db', bytes)).toEqual([]);
    expect([...readBerkeley(bytes)]).toEqual([]);
    expect(readRpmDatabase('rpmdb.sqlite', makeNdb(headers()))).toEqual([]);
  });
});
