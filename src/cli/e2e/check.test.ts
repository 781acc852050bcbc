import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULES } from '../../check/index.ts';
import { checkReportSchema } from '../../check/report-schema.ts';
import { context } from '../../location/fixtures.ts';
import { openSink, parseLocation } from '../../location/index.ts';
import { type Artifact, assembleIndex } from '../../oci/index.ts';
import { type Outcome, pith, pithBuild, temporaryFolder } from '../../testing/commands.ts';
import { makeElf } from '../../testing/elf.ts';
import { expectFailure } from '../../testing/failure.ts';
import { makeImage, makeLayer, type TestImage } from '../../testing/layered-image.ts';

const { folder, remove } = temporaryFolder();
/** Runs pith with a cache of its own. */
const run = (...args: readonly string[]): Promise<Outcome> =>
  pith(args, { cwd: folder, env: { PITH_CACHE_DIR: join(folder, 'cache') } });
const write = (location: string, artifact: Artifact): Promise<unknown> =>
  openSink(parseLocation(location), context).write([{ names: ['app'], artifact }]);

const STATUS = 'Package: app\nVersion: 1\nArchitecture: amd64\nStatus: install ok installed\n';
const server = makeLayer({
  server: { mode: 0o755, content: makeElf({ type: 2, isStatic: true }) },
  'var/lib/dpkg/status.d/app': STATUS,
});
const open = makeLayer({ 'srv/data': { content: 'x', mode: 0o666 } });
const SOUND: TestImage = {
  config: {
    User: '65532',
    Entrypoint: ['/server'],
    Env: ['PATH=/usr/bin'],
    Labels: { 'org.opencontainers.image.source': 'https://forge.example/app' },
  },
};
const ROOT: TestImage = { config: { ...SOUND.config, User: '0' } };

beforeAll(async () => {
  await write(`oci:${folder}/images:sound`, makeImage([server], SOUND));
  await write(`docker-archive:${folder}/bad.tar:bad:latest`, makeImage([server, open], ROOT));
  await write(`oci:${folder}/images:other`, makeImage([server], { os: 'windows' }));
  const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
    makeImage([server], { ...SOUND, platform }),
  );
  await write(`oci:${folder}/images:both`, assembleIndex(images));
});
afterAll(remove);

describe('`pith check`', () => {
  it('finds nothing in a sound image', async () => {
    expect(await run('check', 'oci:images:sound', '--fail-on', 'note')).toEqual({
      code: 0,
      stdout: `oci:images:sound (linux/amd64): no findings, ${RULES.length} rules\n`,
      stderr: '',
    });
  });

  it('ends with exit code 8 by severity, after the report', async () => {
    const { code, stdout, stderr } = await run('check', 'bad.tar');
    expect(code).toBe(8);
    expect(stdout).toMatch(/^error {4}root-user: .*\n +config\.User {2}the user is 0, which is root\n/);
    expect(stdout).toContain('warning  world-writable: ');
    expect(stderr).toMatch(/^pith: error: bad\.tar: 1 error, 1 warning \[CHECK_FAILED\]\npith: hint: /m);
    expect(await run('check', 'bad.tar', '--fail-on', 'never')).toMatchObject({ code: 0, stderr: '' });
    await writeFile(join(folder, 'mild.yaml'), 'check: {severity: {root-user: note}}\n');
    expect(await run('check', 'bad.tar', '--policy', 'mild.yaml')).toMatchObject({ code: 0 });
    expect(await run('check', 'bad.tar', '--policy', 'mild.yaml', '--fail-on', 'warning')).toMatchObject({
      code: 8,
    });
  });

  it('checks every platform of an index, or those that are named', async () => {
    const { stdout } = await run('check', 'oci:images:both', '--fail-on', 'never');
    expect(stdout).toContain(
      '/server (config.Entrypoint, layer 1)  it is for linux/amd64, the image for linux/arm64 [linux/arm64]',
    );
    expect(await run('check', 'oci:images:both', '--platform', 'linux/amd64')).toMatchObject({ code: 0 });
  });

  it('takes the policy of ./pith.yaml, which also is a definition', async () => {
    const silence = 'silence: [{rule: root-user, reason: it binds to port 80, until: 2999-12-31}]';
    await writeFile(join(folder, 'pith.yaml'), `name: app\nextends: static-debian13\ncheck:\n  ${silence}\n`);
    const { code, stdout } = await run('check', 'bad.tar');
    await writeFile(join(folder, 'pith.yaml'), 'name: app\n');
    expect(code).toBe(0);
    expect(stdout).toContain('silenced by the policy: root-user: it binds to port 80, until 2999-12-31\n');
  });

  it('writes JSON, and every format into a file', async () => {
    const json = await run('check', 'bad.tar', '--json');
    const report = checkReportSchema.parse(JSON.parse(json.stdout));
    expect(report).toMatchObject({
      name: 'bad.tar',
      passed: false,
      counts: { error: 1, warning: 1, note: 0 },
    });
    for (const [format, start] of [
      ['sarif', '{\n  "$schema": "https://docs.oasis-open.org/sarif/'],
      ['junit', '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pith check" '],
      ['github', '::error title=root-user::bad.tar: config.User: '],
      ['text', 'error    root-user: '],
    ] as const) {
      expect(await run('check', 'bad.tar', '--format', format, '-o', 'out')).toMatchObject({
        code: 8,
        stdout: '',
      });
      expect((await readFile(join(folder, 'out'), 'utf8')).slice(0, start.length)).toBe(start);
    }
  });

  it('tells of its rules', async () => {
    const { stdout } = await run('check', '--rules');
    for (const { id } of RULES) expect(stdout).toMatch(new RegExp(`^${id} `, 'm'));
    expect((await run('check', '--explain', 'shell')).stdout).toMatch(
      /^shell \(error\): A shell is in the image\n\nWhoever /,
    );
  });

  it.each([
    [['check'], 'USAGE', /no image is named/, /pith check IMAGE/],
    [['check', '--explain', 'shel'], 'USAGE', /there is no rule "shel"/, /Did you mean shell\?/],
    [['check', 'oci:nowhere'], 'UNKNOWN_IMAGE', /nowhere does not exist/, /path/],
    [
      ['check', 'bad.tar', '--policy', 'nothing.yaml'],
      'DEFINITION_INVALID',
      /nothing\.yaml: cannot be read/,
      /Check the path/,
    ],
    [['check', 'oci:images:both', '--platform', 'linux/s390x'], 'UNKNOWN_PLATFORM', /linux\/s390x/, /./],
    [
      ['check', 'oci:images:other'],
      'UNKNOWN_PLATFORM',
      /has no image for Linux/,
      /The rules are about Linux/,
    ],
  ] as const)('refuses %j', async (args, code, message, hint) => {
    expectFailure(await run(...args), { code, message, hint });
  });
});

describe('images of the catalogue', () => {
  const NAMES = [
    'static-debian12',
    'cc-debian13',
    'python3-debian13',
    'java21-debian13',
    'nodejs24-debian13',
  ];
  const VARIANTS = ['latest', 'nonroot', 'debug', 'debug-nonroot'];
  const layout = `oci:${folder}/catalogue`;

  beforeAll(async () => {
    await pithBuild([...NAMES, '--platform', 'linux/amd64', '-o', layout]);
  });

  it.each(NAMES.flatMap((name) => VARIANTS.map((variant) => `${name}:${variant}`)))(
    '%s has no finding',
    async (name) => {
      const { code, stdout } = await run('check', `${layout}:${name}`, '--fail-on', 'note');
      expect(stdout).toContain(': no findings, ');
      expect(stdout.includes('silenced by the image: shell: ')).toBe(name.includes('debug'));
      expect(code).toBe(0);
    },
  );
});
