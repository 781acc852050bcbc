import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../testing/compile.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith } from '../../testing/tools.ts';

/** Programs that look right and would not start: each is refused with the reason why. */

const EXECUTABLE = 0o755;

let bench: PackBench;
beforeAll(async () => {
  bench = await createPackBench();
});
afterAll(() => bench.remove());

/** A program whose library, loader or version is another one; what is put in is as long as what it replaces. */
async function withText(program: string, from: string, to: string): Promise<Buffer> {
  const bytes = await readFile(program);
  const text = Buffer.concat([Buffer.from(to), Buffer.alloc(from.length - to.length + 1)]);
  for (let at = bytes.indexOf(`${from}\0`); at >= 0; at = bytes.indexOf(`${from}\0`, at + 1))
    bytes.set(text, at);
  return bytes;
}

describeWith('a program of machine code', { tools: ['gcc', 'aarch64-linux-gnu-gcc'] }, () => {
  let good: string;
  beforeAll(async () => {
    await mkdir(bench.path('good'));
    good = await compile('hello.c', bench.path('good'), 'server', ['-O1']);
  });

  it('is taken as it is', async () => {
    await bench.image('good');
  });

  it.each(['arm/server', 'arm'])('for another processor: %s', async (path) => {
    await mkdir(bench.path('arm'), { recursive: true });
    await compile('hello.c', bench.path('arm'), 'server', [], 'aarch64-linux-gnu-gcc');
    expect(await bench.refusal(path)).toMatch(
      /is not for linux\/amd64: server is for linux\/arm64 .*\npith: hint: Build it for linux\/amd64 .* or pack for `--platform linux\/arm64`/,
    );
  });

  it('without a library that any package has', async () => {
    await mkdir(bench.path('private'));
    const flags = ['-shared', '-fPIC', '-Wl,-soname,libpith-private.so.7'];
    const library = await compile('servers/libpq.c', bench.storage.folder, 'libpith-private.so.7', flags);
    await compile('servers/needs.c', bench.path('private'), 'server', [library]);
    expect(await bench.refusal('private')).toContain(
      'no image has what it needs: base-nossl-debian13 has not libpith-private.so.7 (needed by /app/server)',
    );
  });

  it('for a newer glibc, with the version, the library and the function', async () => {
    const before = /GLIBC_2\.34/.exec((await readFile(good)).toString('latin1'))?.[0] ?? 'GLIBC_2.2.5';
    const after = before === 'GLIBC_2.34' ? 'GLIBC_2.99' : 'GLIBC_2.9.9';
    await bench.write('newer/server', await withText(good, before, after), EXECUTABLE);
    const text = await bench.refusal('newer');
    expect(text).toMatch(
      new RegExp(
        `no image has what it needs: .*debian13 have not ${after} of libc\\.so\\.6 \\(needed by /app/server for \\w+`,
      ),
    );
    expect(text).toContain('It was built against a newer glibc than any image has');
    expect(await bench.refusal('newer', '--base', 'cc-debian12')).toContain(
      `cc-debian12 has not ${after} of libc.so.6`,
    );
  });

  it('for musl', async () => {
    const loader = '/lib64/ld-linux-x86-64.so.2';
    await bench.write('musl/server', await withText(good, loader, '/lib/ld-musl-x86_64.so.1'), EXECUTABLE);
    expect(await bench.refusal('musl')).toMatch(/was built for musl, .*\npith: hint: Link it statically/);
  });

  it('for a loader that no image has', async () => {
    const loader = '/lib64/ld-linux-x86-64.so.2';
    await bench.write('loader/server', await withText(good, loader, '/opt/acme/ld.so'), EXECUTABLE);
    expect(await bench.refusal('loader')).toContain('/opt/acme/ld.so');
  });

  it.each([10, 100, 3000])('that is cut off after %i bytes', async (size) => {
    const path = `cut-${size}/server`;
    await bench.write(path, (await readFile(good)).subarray(0, size), EXECUTABLE);
    expect(await bench.refusal(path)).toMatch(
      /^pith: error: server is (?:a damaged ELF file|not|no)[^\n]* \[APP_INVALID\]\npith: hint: /,
    );
  });
});

describe('a script', () => {
  it.each([
    ['bash', '#!/bin/bash\necho\n', /run is a script for bash, and images have no shell/],
    [
      'perl',
      '#!/usr/bin/env perl\nprint 1\n',
      /run is a script for perl, which no image of the catalogue has/,
    ],
    ['sh without a shebang', 'set -e\nexec ./server\n', /^pith: error: run .*\[APP_INVALID\]/],
  ])('for %s', async (name, content, reason) => {
    const path = join(name.replaceAll(' ', '-'), 'run');
    await bench.write(path, content, EXECUTABLE);
    expect(await bench.refusal(path)).toMatch(reason);
  });
});

describe('a start command that needs a shell', () => {
  it.each([
    ['NODE_ENV=production node server.js && echo', '&&'],
    ['node server.js | tee log', '|'],
    ['node $FILE', '$'],
  ])('of package.json: %s', async (start) => {
    const folder = `start-${start.length}`;
    await bench.write(`${folder}/package.json`, JSON.stringify({ name: 'web', scripts: { start } }));
    await bench.write(`${folder}/server.js`, 'console.log(1)\n');
    expect(await bench.refusal(folder)).toMatch(
      /package\.json: "start": .*\npith: hint: The image has no shell/,
    );
  });

  it('of a Procfile', async () => {
    await bench.write('procfile/Procfile', 'web: python app.py && echo\n');
    await bench.write('procfile/app.py', 'print(1)\n');
    expect(await bench.refusal('procfile')).toMatch(
      /Procfile: "web: python app\.py && echo" needs a shell for several commands/,
    );
  });
});

describe('a runtime that no image has', () => {
  it.each([
    ['nodejs', { engines: { node: '18' } }, /wants nodejs 18 .*There are 24, 22, 26\./s],
    ['nodejs', { engines: { node: '>=99' } }, /wants nodejs >=99 .*engines of package\.json/],
  ])('of %s: %j', async (_kind, more, reason) => {
    const folder = `runtime-${JSON.stringify(more).replace(/\W/g, '')}`;
    await bench.write(`${folder}/package.json`, JSON.stringify({ name: 'a', main: 'a.js', ...more }));
    await bench.write(`${folder}/a.js`, 'console.log(1)\n');
    expect(await bench.refusal(folder)).toMatch(reason);
  });
});

describe('an image without what it would start', () => {
  beforeAll(async () => {
    await bench.write('web/package.json', JSON.stringify({ name: 'web', main: 'a.js' }));
    await bench.write('web/a.js', 'console.log(1)\n');
  });

  it('that was asked for', async () => {
    expect(await bench.refusal('web', '--base', 'static-debian13')).toMatch(
      /static-debian13 has not \/nodejs\/bin\/node, which it would start .*\npith: hint: .*--entrypoint/,
    );
    await bench.image('web', '--base', 'nodejs22-debian13');
  });

  it.each([['/usr/bin/node a.js'], ['no-such-program']])('for the entrypoint %s', async (entrypoint) => {
    expect(await bench.refusal('web', '--entrypoint', entrypoint)).toContain(
      ` have not ${entrypoint.split(' ')[0] ?? ''}, which it would start`,
    );
  });

  it.each([['/nodejs/bin/node --no-warnings a.js'], ['../nodejs/bin/node']])(
    'is not refused for the entrypoint %s',
    async (entrypoint) => {
      await bench.image('web', '--entrypoint', entrypoint);
    },
  );
});

describe('platforms that no image has', () => {
  it('are told with those that there are', async () => {
    await bench.write('portable/package.json', JSON.stringify({ name: 'web', main: 'a.js' }));
    await bench.write('portable/a.js', 'console.log(1)\n');
    expect(await bench.refusal('portable', '--platform', 'linux/s390x')).toMatch(
      /do not exist for linux\/s390x .*\npith: hint: .*--platform linux\/amd64,linux\/arm64/,
    );
    expect(await bench.explain('portable', '--platform', 'all')).toContain('\nBase nodejs24-debian13\n');
  });
});
