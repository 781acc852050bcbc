import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSink, parseLocation } from '../../location/index.ts';
import { runPithAtHome } from '../../testing/cli.ts';
import { temporaryFolder } from '../../testing/commands.ts';
import { expectFailure } from '../../testing/failure.ts';
import { makeImage, makeLayer } from '../../testing/layered-image.ts';
import { contextWith } from '../../testing/registry-context.ts';
import { startRegistry, type TestRegistry } from '../../testing/registry.ts';

const RELEASE = { 'etc/os-release': 'ID=debian\nVERSION_ID=13\n' };
const old = makeLayer({ ...RELEASE, 'usr/a': 'old' });
const base = makeImage([old]);
const newBase = makeImage([makeLayer({ ...RELEASE, etc: 'folder', 'usr/a': 'new' })]);
const app = makeImage([old, makeLayer({ 'app/x': 'x' })]);
const changing = makeImage([old, makeLayer({ 'usr/a': 'changed' })]);

let place: ReturnType<typeof temporaryFolder>;
let registry: TestRegistry;
const run = (...args: string[]): ReturnType<typeof runPithAtHome> => runPithAtHome(place.folder, args);
const at = (name: string): string => `${registry.host}/${name}`;
const tagOf = (name: string, tag = '1'): string | undefined =>
  registry.protocol.repositories.get(name)?.tags.get(tag);

beforeAll(async () => {
  place = temporaryFolder();
  registry = await startRegistry();
  for (const [name, artifact] of Object.entries({ app, base, new: newBase, changing }))
    await openSink(parseLocation(`docker://${at(`${name}:1`)}`), contextWith()).write([
      { names: [], artifact },
    ]);
});
afterAll(async () => {
  await registry.close();
  await place.remove();
});

describe('an image on another base', () => {
  const bases = (): string[] => ['--old', at('base:1'), '--new', at('new:1')];

  it('keeps its name where the output says none, and is printed with its digest', async () => {
    const { code, stdout, stderr } = await run(
      'rebase',
      at('app:1'),
      ...bases(),
      '-o',
      'oci:out',
      '-o',
      at('more/'),
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/linux\/amd64: 1 layers kept, 1 of the old base replaced by 1/);
    const digest = tagOf('more/app');
    expect(stdout).toBe(`oci:out:app:1@${digest}\ndocker://${at('more/app:1')}@${digest}\n`);
    expect(tagOf('app')).toBe(app.descriptor.digest);
  });

  it('is printed with its digest also where it has no name', async () => {
    const from = at(`app@${app.descriptor.digest}`);
    const { stdout } = await run('rebase', from, ...bases(), '-o', 'oci:nameless');
    expect(stdout).toMatch(/^oci:nameless@sha256:[0-9a-f]{64}\n$/);
  });

  it('is not written if it would not work there, unless that is wanted', async () => {
    expectFailure(await run('rebase', at('changing:1'), ...bases()), {
      code: 'REBASE_UNSOUND',
      message: /usr\/a/,
      hint: /--force/,
    });
    expect(tagOf('changing')).toBe(changing.descriptor.digest);
    const { code, stderr } = await run('rebase', at('changing:1'), ...bases(), '--force');
    expect(code).toBe(0);
    expect(stderr).toMatch(/not sound: .*usr\/a/);
    expect(tagOf('changing')).not.toBe(changing.descriptor.digest);
  });
});
