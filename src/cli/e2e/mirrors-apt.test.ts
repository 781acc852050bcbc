import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build, openWorkspace, type Workspace } from '../../build/index.ts';
import { createSandbox, type Sandbox } from '../../testing/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.close());

/** A workspace of a machine with these apt sources. */
async function machineWith(sources: string): Promise<Workspace & { notes: string[] }> {
  await sandbox.write('machine/etc/apt/sources.list.d/debian.sources', sources);
  const notes: string[] = [];
  const workspace = openWorkspace({
    env: sandbox.env,
    cacheFolder: sandbox.cacheDir,
    workingFolder: sandbox.folder,
    archive: { keyrings: [sandbox.path('keys.asc')] },
    onProgress: (event) => event.kind === 'note' && notes.push(event.what),
  });
  return { ...workspace, machineRoot: sandbox.path('machine'), notes };
}

const OPTIONS = { targets: ['./pith.yaml'], platforms: ['linux/amd64'], outputs: [] };
const entry = (uri: string, suites: string): string =>
  `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\n\n`;

describe('the apt sources of the machine', () => {
  it('are used when they have the suite', async () => {
    const workspace = await machineWith(entry(`${sandbox.archive.server.url}/debian`, 'trixie'));
    const { images } = await build(OPTIONS, workspace);
    expect(images).toHaveLength(1);
    expect(workspace.notes).toEqual([]);
    expect(sandbox.archive.server.requests.every(({ path }) => path.startsWith('/debian/'))).toBe(true);
    expect(sandbox.wall.requests).toEqual([]);
  });

  it('are passed over where they do not answer or have another suite, with a note', async () => {
    const { url } = sandbox.archive.server;
    const workspace = await machineWith(
      entry(`${url}/gone/debian`, 'trixie') + entry(`${url}/debian`, 'bookworm'),
    );
    const { images } = await build(OPTIONS, workspace);
    expect(images).toHaveLength(1);
    expect(workspace.notes).toEqual([expect.stringMatching(/gone\/debian does not offer trixie.*404/)]);
  });

  it('come after an explicit mirror', async () => {
    const workspace = await machineWith(entry('http://127.0.0.1:1/debian', 'trixie'));
    const archive = { ...workspace.archive, mirrors: sandbox.archive.mirrors };
    const { images } = await build(OPTIONS, { ...workspace, archive });
    expect(images).toHaveLength(1);
    expect(workspace.notes).toEqual([]);
  });

  it('that nobody else stands in for are followed by the dated archive', async () => {
    const workspace = await machineWith('');
    const { images } = await build(OPTIONS, workspace);
    expect(images).toHaveLength(1);
    const paths = sandbox.archive.server.requests.map(({ path }) => path);
    expect(paths.every((path) => /^\/snapshot\/archive\/debian\/\d{8}T\d{6}Z\//.test(path))).toBe(true);
  });
});
