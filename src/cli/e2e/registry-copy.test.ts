import { arch } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, type Digest } from '../../core/index.ts';
import { imageOf, layerOf } from '../../location/fixtures.ts';
import { openSink, parseLocation } from '../../location/index.ts';
import { assembleIndex } from '../../oci/index.ts';
import { runPith, runPithAtHome } from '../../testing/cli.ts';
import { temporaryFolder } from '../../testing/commands.ts';
import { expectFailure } from '../../testing/failure.ts';
import { contextWith, withRegistry } from '../../testing/registry-context.ts';
import type { RegistryProtocol } from '../../testing/registry-protocol.ts';
import { startRegistry, type TestRegistry } from '../../testing/registry.ts';

const shared = await layerOf({ shared: 'shared' });
const [amd64, arm64] = [
  imageOf([shared, await layerOf({ hello: 'amd64' })], 'linux/amd64'),
  imageOf([shared, await layerOf({ hello: 'arm64' })], 'linux/arm64'),
];
const index = assembleIndex([amd64, arm64]);
const other = imageOf([shared, await layerOf({ hello: 'other' })]);
const EMPTY = Buffer.from('{}');

let place: ReturnType<typeof temporaryFolder>;
let registry: TestRegistry;

const run = (...args: string[]): ReturnType<typeof runPithAtHome> => runPithAtHome(place.folder, args);
/** Runs a command that has to succeed. @returns what it printed to its standard output */
const pith = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...args);
  expect(code, stderr).toBe(0);
  return stdout;
};
const at = (name: string): string => `${registry.host}/${name}`;
const tagsOf = (name: string): Record<string, string> =>
  Object.fromEntries(registry.protocol.repositories.get(name)?.tags ?? []);

beforeAll(async () => {
  place = temporaryFolder();
  await openSink(parseLocation(`oci:${place.folder}/images`), contextWith()).write([
    { names: ['app:1', 'app:latest'], artifact: index },
    { names: ['other:debug'], artifact: other },
  ]);
});
afterAll(() => place.remove());
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(() => registry.close());

describe('what was copied', () => {
  it.each<[string, string[], (host: string) => string[]]>([
    [
      'a tag',
      ['copy', 'oci:images:app:1', 'HOST/team/app:2'],
      (host) => [`docker://${host}/team/app:2@INDEX`],
    ],
    ['no tag', ['push', 'app:1', 'docker://HOST/app'], (host) => [`docker://${host}/app@INDEX`]],
    [
      'a digest',
      ['copy', 'oci:images:app:1', `HOST/app@${index.descriptor.digest}`],
      (host) => [`docker://${host}/app@INDEX`],
    ],
    ['a folder', ['copy', 'oci:images:app:1', 'HOST/team/'], (host) => [`docker://${host}/team/app:1@INDEX`]],
    [
      'all of a layout',
      ['copy', '--all', 'oci:images', 'HOST/all/'],
      (host) => [
        `docker://${host}/all/app:1@INDEX`,
        `docker://${host}/all/app:latest@INDEX`,
        `docker://${host}/all/other:debug@OTHER`,
      ],
    ],
    [
      'one platform',
      ['copy', 'oci:images:app:1', 'HOST/app:arm', '--platform', 'linux/arm64'],
      (host) => [`docker://${host}/app:arm@ARM64`],
    ],
  ])('is printed for %s: its name with the digest, which names it everywhere', async (_what, args, lines) => {
    const names = { INDEX: index, OTHER: other, ARM64: arm64 };
    const wanted = lines(registry.host).map((line) =>
      line.replace(/@([A-Z0-9]+)$/, (_at, key: keyof typeof names) => `@${names[key].descriptor.digest}`),
    );
    const said = (await pith(...args.map((arg) => arg.replace('HOST', registry.host)))).split('\n');
    expect(said).toEqual([...wanted, '']);
    for (const line of wanted)
      expect(await pith('digest', line)).toBe(`${line.slice(line.indexOf('@') + 1)}\n`);
  });

  it('is printed for what has no name', async () => {
    await pith('push', 'app:1', at('app:1'));
    const { digest } = index.descriptor;
    expect(await pith('pull', at(`app@${digest}`), 'nameless')).toBe(`oci:nameless@${digest}\n`);
    expect(await pith('pull', at(`app@${digest}`), 'one', '--platform', 'linux/arm64')).toBe(
      `oci:one@${arm64.descriptor.digest}\n`,
    );
    expect(await pith('push', 'nameless', at('again'))).toBe(`docker://${at('again')}@${digest}\n`);
  });

  it('is told as JSON, and what is quiet says nothing but the result', async () => {
    const report = JSON.parse(await pith('push', 'app:1', at('app:1'), '--json')) as object;
    expect(report).toEqual({
      location: `docker://${at('app:1')}`,
      names: [{ name: '1', digest: index.descriptor.digest }],
      // Two configurations, three layers, two manifests, one index.
      blobsWritten: 8,
      blobsReused: 0,
      bytesWritten: expect.any(Number) as number,
    });
    const { folder } = place;
    const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder };
    const { stderr } = await runPith(['push', 'app:1', at('app:2'), '--quiet'], { cwd: folder, env });
    expect(stderr).toBe('');
  });
});

describe('all', () => {
  it('tags of a repository go into another, and nothing moves twice', async () => {
    await pith('push', 'app:1', at('from:1'));
    await pith('push', 'other:debug', at('from:other'));
    registry.requests.length = 0;
    await pith('copy', '--all', at('from'), at('to'));
    expect(tagsOf('to')).toEqual(tagsOf('from'));
    const lines = registry.requests.map(({ line }) => line);
    expect(lines.filter((line) => /^(?:PUT|PATCH) .*\/blobs\//.test(line))).toEqual([]);
    expect(lines.filter((line) => /^GET .*\/blobs\//.test(line)).length).toBeLessThanOrEqual(3);
  });

  it('images that were pulled go into another registry under their names there', async () => {
    await pith('push', 'app:1', at('team/app:1'));
    await pith('pull', at('team/app:1'), 'pulled');
    await pith('pull', at(`team/app:1@${index.descriptor.digest}`), 'pulled');
    expect(await pith('tags', 'oci:pulled')).toBe(`${at('team/app:1')}\n`);
    await withRegistry({}, async ({ host }) => {
      expect(await pith('push', '--all', 'pulled', `${host}/mirror/`)).toBe(
        `docker://${host}/mirror/team/app:1@${index.descriptor.digest}\n`,
      );
    });
    await openSink(parseLocation(`oci:${place.folder}/pulled`), contextWith()).write([
      { names: ['other.example/team/app:1'], artifact: other },
    ]);
    expectFailure(await run('push', '--all', 'pulled', at('mirror/')), {
      code: 'USAGE',
      message: /team\/app:1 and .*team\/app:1 would both be called team\/app:1/,
      hint: /one by one/,
    });
  });

  it('is not what a tag or digest says', async () => {
    await pith('push', 'app:1', at('app:1'));
    for (const name of ['app:1', `app@${index.descriptor.digest}`])
      expectFailure(await run('copy', '--all', at(name), 'oci:all'), {
        code: 'USAGE',
        message: /whole/,
        hint: /Leave the tag out/,
      });
  });

  it('images of a folder go into another registry, into layouts, and back', async () => {
    await pith('copy', '--all', 'oci:images', at('a/'));
    await withRegistry({}, async ({ host, protocol }) => {
      await pith('copy', '--all', at('a/'), `${host}/b/c/`);
      expect([...protocol.repositories.keys()].sort()).toEqual(['b/c/app', 'b/c/other']);
      await pith('pull', '--all', `${host}/b/c/`, 'back');
    });
    expect((await pith('tags', 'oci:back')).split('\n').sort()).toEqual([
      '',
      'app:1',
      'app:latest',
      'other:debug',
    ]);
    expect(await pith('digest', 'oci:back:app:1')).toBe(`${index.descriptor.digest}\n`);
  });
});

describe('platforms', () => {
  it('that are chosen make an index of these, whose images stay what they are', async () => {
    const more = imageOf([shared], 'linux/s390x');
    const three = assembleIndex([amd64, arm64, more]);
    await openSink(parseLocation(`docker://${at('app:3')}`), contextWith()).write([
      { names: [], artifact: three },
    ]);
    await pith('copy', at('app:3'), at('app:2'), '--platform', 'linux/amd64,linux/arm64');
    const { manifests } = JSON.parse(await pith('manifest', at('app:2'))) as {
      manifests: { digest: Digest }[];
    };
    expect(manifests.map(({ digest }) => digest)).toEqual([amd64.descriptor.digest, arm64.descriptor.digest]);
    expect(await pith('digest', at('app:3'), '--platform', 'linux/s390x')).toBe(
      `${more.descriptor.digest}\n`,
    );
    expect(await pith('manifest', at('app:3'), '--platform', 'linux/s390x')).toBe(
      Buffer.from(more.manifestBytes).toString(),
    );
  });
});

describe('images for platforms that pith builds nothing for', () => {
  const windows = imageOf([shared, other.layers[1] ?? shared], 'windows/amd64');
  const mixed = assembleIndex([windows, arm64, amd64]);
  const own = { x64: amd64, arm64 }[arch()];
  beforeEach(async () => {
    await openSink(parseLocation(`docker://${at('app:3')}`), contextWith()).write([
      { names: [], artifact: mixed },
    ]);
  });

  it('can be chosen', async () => {
    expect(await pith('digest', at('app:3'), '--platform', 'windows/amd64')).toBe(
      `${windows.descriptor.digest}\n`,
    );
    expect(await pith('copy', at('app:3'), at('app:4'), '--platform', 'windows/amd64')).toContain(
      windows.descriptor.digest,
    );
  });

  it.skipIf(!own)('have names of their own in an archive for Docker, whose plain name is ours', async () => {
    const lines = (await pith('copy', at('app:3'), 'docker-archive:mixed.tar')).split('\n');
    const line = (name: string, { descriptor }: typeof windows): string =>
      `docker-archive:mixed.tar:${name}@${descriptor.digest}`;
    expect(lines.sort()).toEqual(
      [
        '',
        ...(own ? [line('app:3', own)] : []),
        line('app:3-amd64', amd64),
        line('app:3-arm64', arm64),
        line('app:3-windows-amd64', windows),
      ].sort(),
    );
  });
});

/** Puts a manifest with a subject into a repository, as signers do. */
function sign(protocol: RegistryProtocol, name: string, subject: object, type: string): Digest {
  const repository = protocol.repository(name);
  const signature = Buffer.from(`a signature of ${JSON.stringify(subject)}`);
  for (const bytes of [EMPTY, signature]) repository.blobs.set(digestOf(bytes), bytes);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      artifactType: type,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(EMPTY), size: EMPTY.length },
      layers: [{ mediaType: 'text/plain', digest: digestOf(signature), size: signature.length }],
      subject,
      annotations: { by: 'ada' },
    }),
  );
  repository.manifests.set(digestOf(bytes), { type: mediaType, bytes });
  return digestOf(bytes);
}

describe('what refers to an image', () => {
  let signatures: Digest[];
  beforeEach(async () => {
    await pith('push', 'app:1', at('app:1'));
    const { protocol } = registry;
    const first = sign(protocol, 'app', index.descriptor, 'x/signature');
    const again = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: first, size: 0 };
    const { bytes = Buffer.alloc(0) } = protocol.repository('app').manifests.get(first) ?? {};
    signatures = [
      first,
      sign(protocol, 'app', { ...again, size: bytes.length }, 'x/signature-of-signature'),
      sign(protocol, 'app', amd64.descriptor, 'x/sbom'),
    ];
  });

  it('is left where it is unless asked for', async () => {
    await withRegistry({}, async ({ host, protocol }) => {
      await pith('copy', at('app:1'), `${host}/app:1`);
      expect(protocol.repository('app').manifests.size).toBe(3);
    });
  });

  it.each([
    ['knows referrers', true],
    ['knows none', false],
  ])('goes into a registry that %s, and back', async (_what, referrers) => {
    await withRegistry({ referrers }, async ({ host, protocol }) => {
      expect(await pith('copy', at('app:1'), `${host}/app:1`, '--referrers')).toBe(
        `docker://${host}/app:1@${index.descriptor.digest}\n`,
      );
      const { manifests, tags } = protocol.repository('app');
      for (const digest of signatures) expect(manifests.has(digest)).toBe(true);
      expect([...tags.keys()].filter((tag) => tag.startsWith('sha256-'))).toHaveLength(referrers ? 0 : 3);
      await pith('copy', `${host}/app:1`, at('back:1'), '--referrers');
    });
    for (const digest of signatures)
      expect(registry.protocol.repository('back').manifests.has(digest)).toBe(true);
  });

  it('goes into a layout, and into a folder of repositories, and is no image of its own there', async () => {
    await pith('pull', at('app:1'), 'oci:signed:app:1', '--referrers');
    expect(await pith('tags', 'oci:signed')).toBe('app:1\n');
    await pith('copy', 'oci:signed:app:1', at('folder/'), '--referrers');
    expect(tagsOf('folder/app')).toEqual({ 1: index.descriptor.digest });
    for (const digest of signatures)
      expect(registry.protocol.repository('folder/app').manifests.has(digest)).toBe(true);
  });

  it('comes with all tags of a repository', async () => {
    await pith('copy', '--all', at('app'), at('other'), '--referrers');
    for (const digest of signatures)
      expect(registry.protocol.repository('other').manifests.has(digest)).toBe(true);
  });
});

describe('an artifact that is no image', () => {
  it('is nothing for engines or to look into, and that is said', async () => {
    await pith('push', 'app:1', at('app:1'));
    const digest = sign(registry.protocol, 'app', index.descriptor, 'x/signature');
    for (const args of [
      ['inspect', at(`app@${digest}`)],
      ['rebase', at(`app@${digest}`)],
    ])
      expectFailure(await run(...args), {
        code: 'IMAGE_INVALID',
        message: /is no container image/,
        hint: /artifact of another kind.*pith manifest/,
      });
  });
});

describe('a repository', () => {
  it('loses a tag, or a manifest with all its tags', async () => {
    for (const tag of ['1', '2', '3']) await pith('push', 'app:1', at(`app:${tag}`));
    await pith('push', 'other:debug', at('app:other'));
    expect(await pith('delete', at('app:1'))).toBe(`${at('app:1')}\n`);
    expect(await pith('tags', at('app'))).toBe('2\n3\nother\n');
    const name = at(`app@${index.descriptor.digest}`);
    expect(await pith('delete', name, '--json')).toBe(`${JSON.stringify([name])}\n`);
    expect(await pith('tags', at('app'), '--json')).toBe('["other"]\n');
  });

  it('says what it has lost where not all can be deleted', async () => {
    for (const tag of ['1', '2']) await pith('push', 'app:1', at(`app:${tag}`));
    const result = await run('delete', at('app:1'), at('app:nothing'), at('app:2'));
    expect(result).toMatchObject({ code: 2, stdout: `${at('app:1')}\n` });
    expect(result.stderr).toMatch(/app has no image "nothing" \[UNKNOWN_IMAGE\]/);
    expect(tagsOf('app')).toEqual({ 2: index.descriptor.digest });
  });
});
