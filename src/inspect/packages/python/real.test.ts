import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed, temporaryFolder } from '../../../testing/commands.ts';
import { describeWith, isInstalled } from '../../../testing/tools.ts';
import { factsOf } from '../fixtures.ts';
import { joinPackages } from '../join.ts';
import type { InstalledPackage } from '../model.ts';
import { pythonReader } from './reader.ts';

/** Name, version, licence, and files with their digests of every package that Python itself finds. */
const LIST = `
import importlib.metadata, json, base64, os
found = []
for one in importlib.metadata.distributions():
    files = {}
    for file in one.files or []:
        digest = base64.urlsafe_b64decode(file.hash.value + '=').hex() if file.hash else None
        files[os.path.normpath(str(file.locate()))] = digest
    found.append([one.metadata['Name'], one.version, files])
print(json.dumps(found))
`;

/** Debian has it in python3-venv. */
function unlessEnsurepip(): string | undefined {
  if (!isInstalled('python3')) return undefined;
  const { status } = spawnSync('python3', ['-c', 'import ensurepip; ensurepip.version()']);
  return status === 0 ? undefined : 'python3-venv not installed';
}

describeWith('a virtual environment of Python', { tools: ['python3'], unless: unlessEnsurepip() }, () => {
  const { folder, remove } = temporaryFolder();
  const python = join(folder, 'bin/python');
  let packages: InstalledPackage[] = [];
  beforeAll(async () => {
    await succeed('python3', ['-m', 'venv', folder]);
    const found = [];
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const full = join(folder, path);
      // A link to lib on some systems, which Node.js walks through.
      if (path.startsWith('lib64/') || !statSync(full).isFile()) continue;
      found.push({ path, layer: 0, facts: await factsOf(pythonReader, path, readFileSync(full)) });
    }
    packages = joinPackages(found);
  });
  afterAll(remove);

  it('has the packages that pip lists', async () => {
    const listed = JSON.parse(await succeed(python, ['-m', 'pip', 'list', '--format=json'])) as {
      name: string;
      version: string;
    }[];
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(
      listed.map(({ name, version }) => `${name} ${version}`).sort(),
    );
    expect(listed.map(({ name }) => name)).toContain('pip');
  });

  it('has their files, with the digests that Python finds', async () => {
    const listed = JSON.parse(await succeed(python, ['-c', LIST])) as [
      string,
      string,
      Record<string, string | null>,
    ][];
    const ours = packages.map(({ name, version, files }) => [
      name,
      version,
      Object.fromEntries(files.map(({ path, sha256 = null }) => [join(folder, path), sha256])),
    ]);
    expect(ours).toEqual([...listed].sort(([a], [b]) => (a < b ? -1 : 1)));
    expect(packages[0]?.files.length).toBeGreaterThan(100);
  });
});
