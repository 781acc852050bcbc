import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareReport } from '../../inspect/difference/compare-schema.ts';
import { diffReport } from '../../inspect/difference/diff-schema.ts';
import { type InspectReport, inspectReport } from '../../inspect/report/inspect-schema.ts';
import type { ErrorCode } from '../../core/index.ts';
import { context } from '../../location/fixtures.ts';
import { openSink, parseLocation } from '../../location/index.ts';
import { type Artifact, assembleIndex, blobOfBytes, type Layer } from '../../oci/index.ts';
import { type Outcome, PITH, pith, run as runProgram, temporaryFolder } from '../../testing/commands.ts';
import { makeTar } from '../../testing/deb.ts';
import { expectFailure } from '../../testing/failure.ts';
import { makeImage, makeLayer } from '../../testing/layered-image.ts';

const { folder, remove } = temporaryFolder();
/** Runs pith with a cache of its own. */
const run = (...args: readonly string[]): Promise<Outcome> =>
  pith(args, { cwd: folder, env: { PITH_CACHE_DIR: join(folder, 'cache') } });
const write = (location: string, artifact: Artifact): Promise<unknown> =>
  openSink(parseLocation(location), context).write([{ names: ['app'], artifact }]);

const EVIL = 'evil\x1b[31m\n\u202egnp.\udce9';
const one = makeLayer({ etc: 'folder', 'etc/one': 'one\n', 'usr/bin/su': { content: 'su', mode: 0o4755 } });
const two = makeLayer({ 'etc/one': { content: 'two!\n', mode: 0o600 }, [EVIL]: 'x', 'usr/bin/.wh.su': '' });
const CONFIG = { User: '65532', Entrypoint: ['/app'] };
const before = makeImage([one], { config: CONFIG });
const after = makeImage([one, two], { config: { ...CONFIG, User: '0' } });

beforeAll(async () => {
  const other = makeImage([one, two], { config: CONFIG, platform: 'linux/s390x' });
  await write(`oci:${folder}/before:app`, before);
  await write(`oci:${folder}/images:app:latest`, assembleIndex([after, other]));
  await write(`oci-archive:${folder}/after.oci.tar`, after);
  await write(`docker-archive:${folder}/after.tar:app:latest`, after);
  await writeFile(join(folder, 'after.tar.gz'), gzipSync(await readFile(join(folder, 'after.tar'))));
  // An application's folder may have the name of its image.
  await mkdir(join(folder, 'app'));
});
afterAll(remove);

async function reportOf(...args: readonly string[]): Promise<InspectReport> {
  const { code, stdout, stderr } = await run('inspect', '--json', ...args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return inspectReport.parse(JSON.parse(stdout));
}

describe('`pith inspect`', () => {
  it.each([
    'oci:images:app:latest',
    'oci-archive:after.oci.tar',
    'docker-archive:after.tar',
    'after.tar',
    'after.tar.gz',
    './after.oci.tar',
    'app',
    'app:latest',
  ])('reads %s', async (name) => {
    const platform = name.startsWith('app') || name.startsWith('oci:') ? ['--platform', 'linux/amd64'] : [];
    const report = await reportOf(name, ...platform);
    expect(report.image).toMatchObject({ name, platform: 'linux/amd64', config: { user: '0' } });
    expect(report.layers.map(({ diffId }) => diffId)).toEqual([one.diffId, two.diffId]);
    expect(report.files.map(({ path }) => path)).toContain(`/${EVIL}`);
    expect(report.setuid).toEqual([]);
    expect(report.efficiency.wastedBytes).toBe(6);
  });

  it('takes the image for the platform that is asked for', async () => {
    expect((await reportOf('app', '--platform', 'linux/s390x')).image.platform).toBe('linux/s390x');
    expectFailure(await run('inspect', 'app', '--platform', 'linux/riscv64'), {
      code: 'UNKNOWN_PLATFORM',
      message: /has no image for linux\/riscv64/,
      hint: /It has linux\/amd64, linux\/s390x\./,
    });
  });

  it('takes the only image, whatever its platform is', async () => {
    const only = makeImage([one], { platform: 'linux/s390x' });
    await write(`oci:${folder}/only:app`, assembleIndex([only]));
    expect((await reportOf('oci:only:app')).image.platform).toBe('linux/s390x');
  });

  it('recognises the base by its layers', async () => {
    const { base } = await reportOf('after.tar', '--base', 'oci:before:app');
    expect(base).toMatchObject({ name: 'oci:before:app', layers: 1, recognisedBy: 'layers' });
  });

  it.each([[], ['--json'], ['--json=dive']])(
    'says the same the second time, from its cache, without reading a layer: %s',
    async (...flags) => {
      const place = join(folder, `again${flags.join('')}`);
      await write(`oci:${place}:app`, after);
      const first = await run('inspect', `oci:${place}:app`, ...flags);
      const blob = join(place, 'blobs/sha256', two.blob.digest.slice(7));
      await writeFile(blob, (await readFile(blob)).fill(0));
      expect(await run('inspect', `oci:${place}:app`, ...flags)).toEqual(first);
    },
  );

  it('leaves nothing in its cache when nobody reads all of it', async () => {
    const files = Array.from({ length: 3000 }, (_, index) => [`file-${index}`, 'x'] as const);
    await write(
      `oci:${folder}/many:app`,
      makeImage([makeLayer(Object.fromEntries(files))], { config: CONFIG }),
    );
    const cache = join(folder, 'cache-of-many');
    const env = { PITH_CACHE_DIR: cache };
    const reading = `"${process.execPath}" "${PITH}" inspect oci:many:app --json | head -c 1`;
    expect((await runProgram('sh', ['-c', reading], { cwd: folder, env })).stdout).toBe('{');
    expect(readdirSync(join(cache, 'v1', 'tmp'))).toEqual([]);
    const whole = await pith(['inspect', 'oci:many:app', '--json'], { cwd: folder, env });
    expect((JSON.parse(whole.stdout) as InspectReport).files).toHaveLength(3001);
  });

  it('says another time what has changed since: the name, and the images that it may lie on', async () => {
    await write(`oci:${folder}/twice:app`, after);
    expect((await reportOf('oci:twice:app')).base).toBeUndefined();
    expect((await reportOf('oci:twice')).image.name).toBe('oci:twice');
    expect((await reportOf('oci:twice:app', '--base', 'oci:before:app')).base).toMatchObject({ layers: 1 });
    expect((await reportOf('oci:twice:app')).base).toBeUndefined();
  });

  it('prints text that does nothing to a terminal', async () => {
    const { stdout } = await run('inspect', '--files', 'after.tar');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(stdout).toContain('/evil\\x1b[31m\\n\\u{202e}gnp.\\xe9');
    const json = (await run('inspect', '--json', 'after.tar')).stdout;
    expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it('prints what dive would', async () => {
    const { stdout } = await run('inspect', '--json=dive', 'after.tar');
    expect(JSON.parse(stdout)).toMatchObject({
      layer: [{ index: 0 }, { index: 1 }],
      image: { sizeBytes: 12, inefficientBytes: 11, efficiencyScore: 5 / 12 },
    });
  });

  it('writes a page', async () => {
    const { code, stdout } = await run('inspect', 'after.tar', '--html', 'page.html');
    expect([code, stdout]).toEqual([0, '']);
    expect(await readFile(join(folder, 'page.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });
});

describe('an image that cannot be looked into', () => {
  const layerOf = (bytes: Uint8Array, mediaType: string): Layer => {
    const blob = blobOfBytes(bytes);
    return { descriptor: { mediaType, digest: blob.digest, size: blob.size }, diffId: blob.digest, blob };
  };
  const OCI = 'application/vnd.oci.image.layer.v1.tar';
  const HALF = gzipSync(makeTar([{ path: 'a', content: 'x'.repeat(5000) }])).subarray(0, 60);

  it.each<[string, Layer, ErrorCode, RegExp]>([
    ['encrypted', layerOf(Buffer.from('?'), `${OCI}+gzip+encrypted`), 'IMAGE_INVALID', /is encrypted/],
    [
      'of an unknown kind',
      layerOf(Buffer.from('?'), 'application/vnd.example.squashfs'),
      'IMAGE_INVALID',
      /application\/vnd\.example\.squashfs/,
    ],
    ['no tar archive', layerOf(Buffer.alloc(2048, 'x'), OCI), 'ARCHIVE_INVALID', /layer 1 of the image/],
    ['no gzip', layerOf(Buffer.alloc(2048, 'x'), `${OCI}+gzip`), 'ARCHIVE_INVALID', /layer 1 of the image/],
    ['cut off', layerOf(HALF, `${OCI}+gzip`), 'ARCHIVE_INVALID', /layer 1 of the image/],
  ])('its layer is %s', async (_, layer, code, message) => {
    await write(`oci:${folder}/bad:app`, makeImage([layer]));
    expectFailure(await run('inspect', 'oci:bad:app'), { code, message, hint: /./ });
  });

  it('its layer is not distributed with it', async () => {
    const layer = layerOf(Buffer.from('?'), `${OCI.replace('layer', 'layer.nondistributable')}+gzip`);
    const descriptor = { ...layer.descriptor, urls: ['https://example.org/\x1b[2Jlayer'] };
    await write(`oci:${folder}/foreign:app`, makeImage([one, { ...layer, descriptor }]));
    expectFailure(await run('inspect', 'oci:foreign:app'), {
      code: 'IMAGE_INVALID',
      message: /layer 2 of .* is not distributed with it/,
      hint: /https:\/\/example\.org\/\\x1b\[2Jlayer/,
    });
  });

  it('its index has something else for the platform', async () => {
    const { descriptor, ...index } = assembleIndex([before]);
    const manifests = index.manifest.manifests.map((child) => ({ ...child, mediaType: 'text/plain' }));
    await write(`oci:${folder}/odd:app`, { ...index, descriptor });
    const place = join(folder, 'odd/index.json');
    const layout = JSON.parse(await readFile(place, 'utf8')) as { manifests: { digest: string }[] };
    const bytes = Buffer.from(JSON.stringify({ ...index.manifest, manifests }));
    const blob = blobOfBytes(bytes);
    await writeFile(join(folder, 'odd/blobs/sha256', blob.digest.slice(7)), bytes);
    const listed = layout.manifests.map((one) => ({ ...one, digest: blob.digest, size: blob.size }));
    await writeFile(place, JSON.stringify({ ...layout, manifests: listed }));
    expectFailure(await run('inspect', 'oci:odd:app', '--platform', 'linux/amd64'), {
      code: 'UNKNOWN_PLATFORM',
      message: /has for linux\/amd64 is text\/plain, no image/,
      hint: /sha256:/,
    });
  });

  it('its layer is not what its digest says', async () => {
    await write(`oci:${folder}/tampered:app`, before);
    const blob = join(folder, 'tampered/blobs/sha256', one.blob.digest.slice(7));
    const bytes = await readFile(blob);
    bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9);
    await writeFile(blob, bytes);
    // Nothing of it was read before.
    const place = { cwd: folder, env: { PITH_CACHE_DIR: join(folder, 'another-cache') } };
    expectFailure(await pith(['inspect', 'oci:tampered:app'], place), {
      code: 'IMAGE_INVALID',
      message: /digest/,
      hint: /./,
    });
  });

  it.each([
    ['a file that is no archive', 'page.txt.tar', 'IMAGE_INVALID', /page\.txt\.tar is no archive of images/],
    ['an archive of files', 'files.tar', 'IMAGE_INVALID', /files\.tar is a tar archive, but none of images/],
    ['a folder that is no layout', './images/blobs', 'IMAGE_INVALID', /is a folder, but no OCI layout/],
    ['a file that is not there', './none', 'UNKNOWN_IMAGE', /there is nothing at \.\/none/],
    ['an archive that is not there', 'none.tar.gz', 'UNKNOWN_IMAGE', /there is nothing at none\.tar\.gz/],
  ] as const)('%s', async (_, name, code, message) => {
    await writeFile(join(folder, 'page.txt.tar'), 'not an archive');
    await writeFile(
      join(folder, 'files.tar'),
      makeTar([{ path: '/', type: 'directory' }, { path: 'etc/a' }]),
    );
    expectFailure(await run('inspect', name), { code, message, hint: /./ });
  });

  it('all of its platforms at once', async () => {
    expectFailure(await run('inspect', 'app', '--platform', 'all'), {
      code: 'USAGE',
      message: /one platform is looked at/,
      hint: /pith check/,
    });
  });

  it('its diffID is another one: it is shown and said', async () => {
    await write(`oci:${folder}/unsound:app`, makeImage([{ ...two, diffId: one.diffId }]));
    const { code, stdout } = await run('inspect', 'oci:unsound:app');
    expect(code).toBe(0);
    expect(stdout).toContain('not sound');
  });
});

describe('`pith diff`', () => {
  it('says what is different', async () => {
    const { code, stdout } = await run('diff', 'oci:before:app', 'after.tar', '--json');
    expect(code).toBe(0);
    const report = diffReport.parse(JSON.parse(stdout));
    expect(report.files).toMatchObject({
      added: [{ path: `/${EVIL}` }],
      removed: [{ path: '/usr/bin/su', mode: '4755' }],
      changed: [{ path: '/etc/one', what: ['content', 'mode'] }],
    });
    expect(report.config).toEqual([{ field: 'user', before: '65532', after: '0' }]);
    expect(report.layers).toMatchObject({ shared: [one.diffId], added: [two.diffId], removed: [] });
  });

  it('ends with 1 for a difference only if it is asked to', async () => {
    const images = ['oci:before:app', 'after.tar'];
    expect((await run('diff', ...images)).code).toBe(0);
    expect((await run('diff', ...images, '--exit-code')).code).toBe(1);
    expect((await run('diff', 'after.oci.tar', 'after.tar', '--exit-code')).code).toBe(0);
  });

  it('prints text and Markdown that do nothing to who shows them', async () => {
    const text = await run('diff', 'oci:before:app', 'after.tar');
    expect(text.stdout).toContain('C /etc/one  content +1 B, mode 0644 → 0600');
    expect(text.stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    const { stdout } = await run('diff', 'oci:before:app', 'after.tar', '--markdown');
    expect(stdout).toContain('<details><summary>Files: 1 added, 1 removed, 1 changed</summary>');
    expect(stdout).toContain('<code>/usr/bin/su</code>');
    expect(stdout).not.toContain('[31m');
  });

  it('writes a page', async () => {
    expect((await run('diff', 'oci:before:app', 'after.tar', '--html', 'diff.html')).code).toBe(0);
    expect(await readFile(join(folder, 'diff.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });
});

describe('`pith compare`', () => {
  it('puts images side by side', async () => {
    const { stdout } = await run('compare', 'oci:before:app', 'after.tar');
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual(['', 'oci:before:app', 'after.tar']);
    expect(lines).toContainEqual(['user', '65532', '0']);
    expect(lines).toContainEqual(['layers', '1', '2']);
    expect(lines).toContainEqual(['setuid files', '1', '0']);
    const json = await run('compare', '--json', 'oci:before:app', 'after.tar');
    expect(compareReport.parse(JSON.parse(json.stdout)).images).toHaveLength(2);
    expect((await run('compare', '--markdown', 'after.tar')).stdout).toContain('| layers | 2 |');
  });
});
