import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../testing/commands.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

let bench: PackBench;
beforeAll(async () => {
  bench = await createPackBench();
});
afterAll(() => bench.remove());

/** A folder with an application that is right. */
async function nodeApp(folder: string, more: object = {}): Promise<string> {
  await bench.write(`${folder}/package.json`, JSON.stringify({ name: 'web', main: 'a.js', ...more }));
  await bench.write(`${folder}/a.js`, 'console.log(1)\n');
  return folder;
}

describe('a folder', () => {
  it('that is not there', async () => {
    expect(await bench.refusal('nothing')).toContain('there is nothing at nothing [APP_INVALID]');
  });

  it('that is empty', async () => {
    mkdirSync(bench.path('empty'));
    expect(await bench.refusal('empty')).toMatch(/^pith: error: empty holds no file .*\npith: hint: Build /);
  });

  it('of which .dockerignore leaves nothing', async () => {
    const folder = await nodeApp('ignored');
    await bench.write(`${folder}/.dockerignore`, '*\n');
    expect(await bench.refusal(folder)).toMatch(/holds no file .*\npith: hint: .* \.dockerignore leaves out/);
  });

  it('of several kinds says how to choose one', async () => {
    const folder = await nodeApp('several');
    await bench.write(`${folder}/requirements.txt`, '');
    await bench.write(`${folder}/main.py`, 'from flask import Flask\napp = Flask(__name__)\n');
    await bench.write(`${folder}/pyproject.toml`, '[project]\nname = "web"\n');
    expect(await bench.refusal(folder)).toMatch(
      /several could be several things: .*\(nodejs\).*\(python\).*\npith: hint: Say which with `--kind /,
    );
    await bench.image(folder, '--kind', 'nodejs');
  });

  it('with no program in it is packed as files, and says that nothing runs', async () => {
    await bench.write('files/index.html', '<p>');
    const { code, stderr } = await bench.pack('files');
    expect(code).toBe(0);
    expect(stderr).toContain('pith: nothing runs in this image: its files are in /app\n');
  });
});

describe('a lockfile', () => {
  it('that is damaged is refused, with its place', async () => {
    const folder = await nodeApp('damaged-lockfile');
    await bench.write(`${folder}/package-lock.json`, '{\n  "packages": {');
    expect(await bench.refusal(folder)).toMatch(
      /package-lock\.json, line 2, column 16: .*\npith: hint: Take it from version control, or .*npm install/,
    );
  });
});

describe('a file that no image holds', () => {
  it('is a socket', async () => {
    const folder = await nodeApp('socket');
    const server = createServer().listen(bench.path(folder, 'listener'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await bench.refusal(folder)).toMatch(/listener is a socket.*\npith: hint: .*\.dockerignore/);
    await bench.write(`${folder}/.dockerignore`, 'listener\n');
    await bench.image(folder);
    server.close();
  });

  it('is a named pipe', async () => {
    const folder = await nodeApp('pipe');
    execFileSync('mkfifo', [bench.path(folder, 'queue')]);
    expect(await bench.refusal(folder)).toContain('queue is a named pipe');
  });

  it('is a device', async () => {
    expect(await bench.refusal('/dev/null')).toContain('null is a device');
  });

  it.each(['../../secret', '../x/../../y'])('is a link out of the folder: %s', async (target) => {
    const folder = await nodeApp(`link-${target.replace(/\W/g, '')}`);
    symlinkSync(target, bench.path(folder, 'link'));
    expect(await bench.refusal(folder, '--kind', 'files')).toContain(
      `link is a link out of the folder, to ${target}`,
    );
  });

  it('has a name that is not UTF-8', async () => {
    const folder = await nodeApp('names');
    const name = Buffer.concat([Buffer.from(`${bench.path(folder)}/`), Buffer.from([0xff, 0x61])]);
    writeFileSync(name, 'x');
    expect(await bench.refusal(folder)).toContain('a name in names is not UTF-8: "ÿa"');
  });

  it('leads to a place that is not UTF-8', async () => {
    const folder = await nodeApp('targets');
    symlinkSync(Buffer.from([0xfe]), bench.path(folder, 'link'));
    expect(await bench.refusal(folder)).toContain('the target of the link link is not UTF-8: "þ"');
  });
});

describeWith('a file that cannot be read', { tools: ['setpriv'], unless: unlessRoot() }, () => {
  it('is named', async () => {
    const folder = await nodeApp('unreadable');
    await bench.write(`${folder}/key.js`, 'secret', 0o600);
    execFileSync('chmod', ['755', bench.storage.folder, bench.path(), bench.path(folder)]);
    const { code, stderr } = await bench.packAs(65_534, folder);
    expect(code).toBe(6);
    expect(stderr).toMatch(/^pith: error: key\.js cannot be read \(EACCES\) .*\npith: hint: Check its owner/);
  });
});

describe('a file that changes while it is read', () => {
  it('is packed whole or refused, never mixed', async () => {
    const folder = await nodeApp('changing');
    const path = await bench.write(`${folder}/data.bin`, Buffer.alloc(40 << 20, 1));
    const packing = bench.pack(folder);
    const writing = setInterval(() => {
      appendFileSync(path, 'x');
    }, 2);
    await packing;
    clearInterval(writing);
    const { code, stderr } = await packing;
    expect(code).toBe(6);
    expect(stderr).toMatch(/data\.bin.*chang.*\[APP_INVALID\]/);
    await bench.image(folder);
  });
});

describe('a damaged', () => {
  it('package.json', async () => {
    const folder = await nodeApp('damaged');
    await bench.write(`${folder}/package.json`, '{"name": "a",');
    expect(await bench.refusal(folder)).toContain('package.json');
  });

  it.each([
    ['empty', ''],
    ['no archive', 'PK\u0003\u0004 and so on'],
    ['only an end', `PK\u0005\u0006${'\0'.repeat(18)}`],
    [
      'an end that points far away',
      `PK\u0005\u0006${'\0'.repeat(4)}${'\xff\x00'.repeat(2)}${'\xff'.repeat(8)}\0\0`,
    ],
  ])('jar: %s', async (name, content) => {
    const path = `jar-${name.replaceAll(' ', '-')}/app.jar`;
    await bench.write(path, Buffer.from(content, 'latin1'));
    expect(await bench.refusal(path)).toContain('app.jar');
  });
});

describe('options', () => {
  it.each([
    [['--port', 'http'], /"http" is no port \[USAGE\]/],
    [['--port', '70000'], /"70000" is no port \[USAGE\]/],
    [['--kind', 'wasm'], /'wasm' is invalid.*\[USAGE\]/],
    [['--user', ''], /--user "" names nobody \[USAGE\]/],
    [['--user', '1:2:3'], /--user "1:2:3" names nobody \[USAGE\]/],
    [['--workdir', 'app'], /--workdir "app" is no folder of the image \[USAGE\]/],
    [['--healthcheck', ''], /--healthcheck asks nothing \[USAGE\]/],
    [['--kind', 'files', '--main', 'a.js'], /a\.js would not run: .*\[APP_INVALID\]/],
    [['--env', 'NAME'], /--env NAME: there is no value \[USAGE\]/],
    [['--entrypoint', '["a"'], /--entrypoint is no list of texts.*\[USAGE\]/],
    [['--binary', 'plan9/mips=a.js'], /"plan9\/mips" is not a platform/],
    [['--binary', 'linux/amd64=a', '--binary', 'linux/amd64=b'], /names a platform twice \[USAGE\]/],
    [['--binary', 'linux/amd64=gone'], /there is nothing at gone \[APP_INVALID\]/],
    [['--binary', 'linux/arm64=options/a.js'], /there is no program for linux\/amd64 \[APP_INVALID\]/],
    [['--main', 'gone.js'], /gone\.js.*\[APP_INVALID\]/],
    [['--base', 'nothing-debian13'], /there is no image "nothing-debian13" \[UNKNOWN_IMAGE\]/],
    [['--tag', 'Not A Name'], /is not the name of an image \[USAGE\]/],
    [['--push'], /--push needs a name \[USAGE\]/],
    [['--package', 'no-such-package-at-all'], /no-such-package-at-all/],
  ] as const)('%j', async (args, reason) => {
    const { code, stdout, stderr } = await bench.pack(await nodeApp('options'), ...args);
    expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/INTERNAL| {4}at /);
  });

  it('are not read from the application: a hostile name of it runs nothing', async () => {
    const folder = await nodeApp('-o; touch hacked $(touch hacked)');
    const { code } = await bench.pack(`./${folder}`);
    expect(code).toBe(0);
    expect((await run('ls', [bench.path()])).stdout).not.toContain('hacked\n');
  });
});
