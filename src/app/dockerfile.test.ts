import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBuildStage } from './dockerfile/build-stage.ts';
import { findCopies } from './dockerfile/copies.ts';
import type { BuildContext, DockerfileBase, ImageSettings } from './dockerfile/model.ts';
import { shellWord } from './dockerfile/words.ts';
import { writeDockerfile } from './dockerfile.ts';
import { detectApplications } from './detect.ts';
import { type Content, makeProject } from './fixtures.ts';
import type { Application, AppSource, Project } from './model.ts';

const NOTHING: ImageSettings = { env: {}, ports: [], volumes: [], labels: {} };

function baseOf(name = 'static-debian13'): DockerfileBase {
  const reference = `oci:images:${name}:latest`;
  return { reference, name, origin: 'It is there.', suite: 'trixie', settings: NOTHING };
}

/** A context whose files all have the permissions 0644, and folders 0755, unless told. */
function contextOf(
  paths: readonly string[],
  modes: Readonly<Record<string, number | undefined>> = {},
  more: readonly string[] = [],
): BuildContext {
  const folders = new Set(paths.flatMap((path) => foldersOf(path)));
  return {
    files: new Map(paths.map((path) => [path, path in modes ? modes[path] : 0o644])),
    folders: new Map(
      [...folders].map((path) => [path, { mode: modes[path] ?? 0o755, hasMore: more.includes(path) }]),
    ),
    members: new Map(),
  };
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

function applicationOf(
  layers: Readonly<Record<string, Readonly<Record<string, string | AppSource>>>>,
): Application {
  return {
    kind: 'files',
    title: 'an application',
    evidence: [],
    layers: Object.entries(layers).map(([name, files]) => ({
      name,
      files: new Map(
        Object.entries(files).map(([to, from]) => [to, typeof from === 'string' ? { path: from } : from]),
      ),
    })),
    needs: { binaries: [], libraries: [], certificates: false, timeZones: false },
    config: { entrypoint: [], env: {}, ports: [], labels: {}, writable: [] },
    notes: [],
  };
}

function write(
  application: Application,
  context: BuildContext,
  settings: ImageSettings = NOTHING,
  packages: readonly string[] = [],
): string {
  return writeDockerfile({ application, context, base: baseOf(), packages, settings, build: undefined });
}

/** The instructions of the last stage, or of the one of a name. */
function stageOf(text: string, name?: string): string[] {
  const stages = text
    .replace(/ \\\n\s*/g, ' ')
    .split(/^(?=FROM )/m)
    .slice(1);
  const stage = name === undefined ? stages.at(-1) : stages.find((one) => one.startsWith(`FROM ${name}`));
  return (stage ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('files', () => {
  const paths = ['conf/a', 'conf/b', 'lib/one/x', 'lib/one/y', 'lib/two/z', 'server', 'source.c'];

  it('are copied by whole folders where the layer has all of them, each layer in its order', () => {
    const application = applicationOf({
      libraries: { '/app/lib/one/x': 'lib/one/x', '/app/lib/one/y': 'lib/one/y' },
      resources: { '/app/conf/a': 'conf/a' },
      application: { '/app/server': { path: 'server', mode: 0o755 } },
    });
    expect(stageOf(write(application, contextOf(paths, { server: 0o755 })))).toEqual([
      'FROM ${BASE}',
      'COPY --chown=0:0 lib/one/ /app/lib/one/',
      'COPY --chown=0:0 conf/a /app/conf/',
      'COPY --chown=0:0 server /app/',
    ]);
  });

  it('get permissions where others could not read them, or write them', () => {
    const all = {
      '/app/conf/a': 'conf/a',
      '/app/conf/b': 'conf/b',
      '/app/x': { path: 'server', mode: 0o755 },
    };
    const lines = stageOf(
      write(applicationOf({ files: all }), contextOf(paths, { 'conf/a': 0o600, server: 0o744 })),
    );
    expect(lines.slice(1)).toEqual([
      'COPY --chown=0:0 --chmod=0644 conf/a /app/conf/',
      'COPY --chown=0:0 conf/b /app/conf/',
      'COPY --chown=0:0 --chmod=0755 server /app/x',
    ]);
  });

  it('are copied one by one out of a folder that has more in it, or that others may not enter', () => {
    const all = { '/app/conf/a': 'conf/a', '/app/conf/b': 'conf/b' };
    for (const context of [contextOf(paths, {}, ['conf']), contextOf(paths, { conf: 0o700 })])
      expect(stageOf(write(applicationOf({ files: all }), context))[1]).toBe(
        'COPY --chown=0:0 conf/a conf/b /app/conf/',
      );
  });

  it.each([
    ['a link', { '/app/link': 'link' }],
    ['a name with a pattern', { '/app/[id].js': '[id].js' }],
    ['a name with a variable', { '/app/$HOME': '$HOME' }],
    ['a member of an archive', { '/app/A.class': { path: 'server', member: 'A.class' } }],
  ])('are put together by a shell: %s', (_what, files) => {
    const context = contextOf(['[id].js', '$HOME', 'link', 'server'], { link: undefined });
    const lines = stageOf(write(applicationOf({ 'my files': files }), context));
    expect(lines.slice(1)).toEqual(['COPY --from=files --chown=0:0 /layers/1-my-files/ /']);
  });

  it('of an archive are unpacked, without what stays out', () => {
    const files = { '/app/A.class': { path: 'a.jar', member: 'A.class' } };
    const context = { ...contextOf(['a.jar']), members: new Map([['a.jar', ['A.class', 'B.class']]]) };
    expect(stageOf(write(applicationOf({ files }), context), 'debian')).toEqual([
      'FROM debian:trixie-slim AS files',
      'RUN apt-get update && apt-get install --yes --no-install-recommends unzip',
      'COPY a.jar /context/a.jar',
      'RUN mkdir -p /unpacked/a.jar && unzip -q /context/a.jar -d /unpacked/a.jar',
      'RUN mkdir -p /layers/1-files/app/ && cp -a /unpacked/a.jar/A.class /layers/1-files/app/ && chmod -R u=rwX,go=rX /layers/1-files',
    ]);
  });

  it('of which there are many copies are put together first: an image has few layers', () => {
    const many = Array.from({ length: 20 }, (_, index) => `lib/${index}/file`);
    const application = applicationOf({
      files: Object.fromEntries(many.map((path) => [`/app/${path}`, path])),
    });
    const text = write(application, contextOf([...many, 'lib/README']));
    expect(stageOf(text)).toHaveLength(2);
    expect(stageOf(text, 'debian')[2]).toContain('cp -a /context/lib/7/. /layers/1-files/app/lib/7');
  });
});

describe('copies', () => {
  it('bring what is wanted and nothing else, whatever lies where', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}.f`);
    const file = fc.record({ path, to: fc.constantFrom('/app', '/srv/x', undefined) });
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: (one) => one.path, maxLength: 30 }), (files) => {
        const paths = files.map((one) => one.path);
        const wanted = files.flatMap((one) =>
          one.to === undefined ? [] : [{ from: one.path, to: `${one.to}/${one.path}` }],
        );
        const brought = findCopies(wanted, { paths, isExact: () => true }).flatMap(({ isFolder, from, to }) =>
          from.flatMap((source) =>
            isFolder
              ? paths
                  .filter((one) => one.startsWith(`${source}/`))
                  .map((one) => ({ from: one, to: to + one.slice(source.length) }))
              : [{ from: source, to: to.endsWith('/') ? to + (source.split('/').at(-1) ?? '') : to }],
          ),
        );
        const order = (list: readonly object[]): string[] => list.map((one) => JSON.stringify(one)).sort();
        expect(order(brought)).toEqual(order(wanted));
      }),
    );
  });
});

/** Reads a word as Docker does: a backslash takes a meaning away, quotes hold together, `$` is a variable. */
function readWord(text: string): string {
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '\\' && (quote === '' || ['"', '$', '\\'].includes(next))) word += text.charAt(++at);
    else if (quote === '' ? char === '"' || char === "'" : char === quote) quote = quote === '' ? char : '';
    else if (char === '$' && quote !== "'") throw new Error(`a variable in ${text}`);
    else word += char;
  }
  expect(quote).toBe('');
  return word;
}

describe('the configuration', () => {
  const settings: ImageSettings = {
    env: { PATH: '/usr/bin', LEVEL: 'a "b" $c \\d' },
    entrypoint: ['/app/server', 'a b', '$HOME'],
    cmd: [],
    user: '65532:65532',
    workdir: '/my app',
    ports: ['8080/tcp', '53/udp'],
    volumes: ['/data'],
    labels: { 'org.opencontainers.image.title': 'a' },
    stopSignal: 'SIGINT',
  };

  it('is what differs from the base', () => {
    const base = { ...baseOf(), settings: { ...NOTHING, env: { PATH: '/usr/bin' }, ports: ['53/udp'] } };
    const application = applicationOf({});
    const text = writeDockerfile({
      application,
      context: contextOf([]),
      base,
      packages: [],
      settings,
      build: undefined,
    });
    expect(stageOf(text)).toEqual([
      'FROM ${BASE}',
      'ENV LEVEL="a \\"b\\" \\$c \\\\d"',
      'LABEL org.opencontainers.image.title="a"',
      'WORKDIR /my app',
      'USER 65532:65532',
      'EXPOSE 8080/tcp',
      'VOLUME ["/data"]',
      'STOPSIGNAL SIGINT',
      'ENTRYPOINT ["/app/server", "a b", "$HOME"]',
      'CMD []',
    ]);
  });

  it.each([
    [{ Test: ['CMD', '/x', 'a b'] }, ['HEALTHCHECK CMD ["/x", "a b"]']],
    [
      { Test: ['CMD', '/x'], Interval: 9e10, Timeout: 2.5e9, StartPeriod: 1e6, Retries: 2 },
      ['HEALTHCHECK --interval=90s --timeout=2.5s --start-period=0.001s --retries=2 CMD ["/x"]'],
    ],
    [{ Test: ['CMD-SHELL', 'curl $x'] }, ['HEALTHCHECK CMD curl $x']],
    [{ Test: ['NONE'] }, ['HEALTHCHECK NONE']],
    [{ Test: [] }, []],
  ])('of health: %j', (healthcheck, lines) => {
    const text = write(applicationOf({}), contextOf([]), { ...NOTHING, healthcheck });
    expect(stageOf(text).slice(1)).toEqual(lines);
  });

  it('of health brings its program', () => {
    const probe = { path: '/usr/local/bin/probe', content: Buffer.from('abc') };
    const parts = {
      context: contextOf([]),
      base: baseOf(),
      packages: [],
      settings: NOTHING,
      build: undefined,
    };
    const text = writeDockerfile({ ...parts, application: applicationOf({}), probe });
    const to = '/layers/program/usr/local/bin';
    expect(stageOf(text, 'debian').at(-1)).toBe(
      `RUN mkdir -p ${to} && echo YWJj | base64 -d >${to}/probe && chmod 0755 ${to}/probe`,
    );
    expect(stageOf(text)).toContain('COPY --from=files --chown=0:0 /layers/program/ /');
  });

  it('is read back as it was, whatever characters are in it', () => {
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !/[\n\r\0]/.test(text));
    fc.assert(
      fc.property(value, fc.array(value), (text, words) => {
        const lines = stageOf(
          write(applicationOf({}), contextOf([]), {
            ...NOTHING,
            env: { A: text },
            workdir: `/x${text}y`,
            entrypoint: words,
          }),
        );
        expect(readWord(lines[1]?.slice('ENV A='.length) ?? '')).toBe(text);
        expect(readWord(lines[2]?.slice('WORKDIR '.length) ?? '')).toBe(`/x${text}y`);
        expect(JSON.parse(lines[3]?.slice('ENTRYPOINT '.length) ?? '')).toEqual(words);
      }),
    );
  });

  it.each([
    [{ env: { A: 'two\nlines' } }, 'the variable A has a line break, which no Dockerfile can say'],
    [{ labels: { a: 'two\r' } }, 'the label a has a line break, which no Dockerfile can say'],
    [{ env: { 'A B': '' } }, 'the variable A B: no Dockerfile can set something of this name'],
    [{ workdir: '/a\nRUN b' }, 'the working folder has a line break, which no Dockerfile can say'],
  ])('cannot be said: %j', (more, message) => {
    expect(() => write(applicationOf({}), contextOf([]), { ...NOTHING, ...more })).toThrow(message);
  });

  it('comes after the packages that the base has not', () => {
    const text = write(applicationOf({}), contextOf([]), NOTHING, ['libpq5', 'libvips42t64']);
    expect(stageOf(text, 'debian')).toContain('RUN apt-get update && apt-get download libpq5 libvips42t64');
    expect(stageOf(text)[1]).toBe('COPY --from=packages /packages/ /');
  });
});

describe('words of a shell', () => {
  it.each([
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['~/x', "'~/x'"],
    ['/a/b.c', '/a/b.c'],
    ['', "''"],
  ])('%j', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });
});

async function buildOf(
  files: Readonly<Record<string, Content>>,
  base: string,
  kind?: Application['kind'],
): Promise<string[]> {
  const project: Project = makeProject(files);
  const [application] = await detectApplications(project, kind ? { kind } : {});
  if (!application) throw new Error('it is none');
  const below = baseOf(base);
  const build = await findBuildStage(project, application, below);
  const text = writeDockerfile({
    application,
    context: contextOf([...project.files.keys()]),
    base: below,
    packages: [],
    settings: NOTHING,
    build,
  });
  return [...stageOf(text, build?.image), ...stageOf(text)];
}

describe('the stage that builds', () => {
  const NODE = {
    'server.js': 'require("x")',
    'node_modules/x/package.json': '{"name":"x"}',
    'node_modules/x/index.js': '',
  };
  const MANIFEST = { name: 'web', main: 'server.js', dependencies: { x: '1' } };

  it('installs by the lockfile of npm', async () => {
    const files = { ...NODE, 'package.json': JSON.stringify(MANIFEST), 'package-lock.json': '{}' };
    expect(await buildOf(files, 'nodejs24-debian13')).toEqual([
      'FROM node:24-trixie AS build',
      'WORKDIR /app',
      'COPY package.json package-lock.json ./',
      'RUN npm ci --omit=dev',
      'RUN chmod -R u=rwX,go=rX .',
      'FROM ${BASE}',
      'COPY --from=build --chown=0:0 /app/node_modules/ /app/node_modules/',
      'COPY --chown=0:0 package-lock.json /app/',
      'COPY --chown=0:0 package.json server.js /app/',
    ]);
  });

  it('builds where the output is what runs, with the package manager that the project names', async () => {
    const manifest = {
      ...MANIFEST,
      main: 'dist/server.js',
      scripts: { build: 'tsc' },
      packageManager: 'pnpm@9.1.0',
    };
    const lines = await buildOf(
      {
        'package.json': JSON.stringify(manifest),
        'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
        'dist/server.js?': 'require("x")',
        'node_modules/x/package.json': '{"name":"x"}',
      },
      'nodejs22-debian13',
    );
    expect(lines).toContain('RUN npm install --global pnpm@9.1.0');
    expect(lines).toContain('RUN pnpm run build');
    expect(lines).toContain('COPY --from=build --chown=0:0 /app/dist/ /app/dist/');
  });

  it('installs the packages of Python where the image has them', async () => {
    const files = {
      'main.py': 'import x',
      'requirements.txt': 'x==1\n',
      'vendor/x/__init__.py': '',
      'vendor/x-1.dist-info/METADATA': 'Name: x\nVersion: 1\n',
    };
    expect(await buildOf(files, 'python3-debian13', 'python')).toEqual([
      'FROM python:3.13-trixie AS build',
      'WORKDIR /src',
      'COPY requirements.txt ./',
      'RUN pip install --no-cache-dir --no-compile --target=/app/vendor -r requirements.txt',
      'RUN chmod -R u=rwX,go=rX /app/vendor',
      'FROM ${BASE}',
      'COPY --from=build --chown=0:0 /app/vendor/ /app/vendor/',
      'COPY --chown=0:0 main.py requirements.txt /app/',
    ]);
  });

  /** The instructions for an application whose only program or archive is at a path. */
  async function linesFor(
    kind: Application['kind'],
    manifests: Readonly<Record<string, string>>,
    path: string,
    member?: string,
  ): Promise<string[]> {
    const project = makeProject({ ...manifests, [path]: 'built' });
    const source = { path, ...(member === undefined ? {} : { member }) };
    const application = { ...applicationOf({ application: { '/app/server': source } }), kind };
    const whole = { ...application, config: { ...application.config, entrypoint: ['/app/server'] } };
    const base = baseOf(kind === 'java' ? 'java21-debian13' : 'static-debian13');
    const build = await findBuildStage(project, whole, base);
    const context = contextOf([...project.files.keys()]);
    const text = writeDockerfile({
      application: whole,
      context,
      base,
      packages: [],
      settings: NOTHING,
      build,
    });
    return stageOf(text, build?.image).concat(stageOf(text, 'debian'), stageOf(text));
  }

  it('compiles Go, and Rust, and takes the program alone', async () => {
    const go = { 'go.mod': 'module a/b\n\ngo 1.24.3\n', 'go.sum': '', 'cmd/server/main.go': '' };
    expect(await linesFor('native', go, 'server')).toEqual([
      'FROM golang:1.24-trixie AS build',
      'WORKDIR /src',
      'COPY go.mod go.sum ./',
      'RUN go mod download',
      'COPY . ./',
      'RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/server ./cmd/server',
      'FROM ${BASE}',
      'COPY --from=build --chown=0:0 /out/server /app/server',
    ]);
    const rust = { 'Cargo.toml': '[package]\nname="server"', 'Cargo.lock': '' };
    const lines = await linesFor('native', rust, 'target/x86_64-unknown-linux-musl/release/server');
    expect(lines).toContain(
      'RUN cargo build --release --locked --target=x86_64-unknown-linux-musl --bin=server',
    );
    expect(lines.at(-1)).toBe(
      'COPY --from=build --chown=0:0 /src/target/x86_64-unknown-linux-musl/release/server /app/server',
    );
  });

  it('lets Maven or Gradle make the jar, and unpacks what of it is packed unpacked', async () => {
    expect(await linesFor('java', { 'pom.xml': '' }, 'target/a.jar')).toEqual([
      'FROM maven:3-eclipse-temurin-21 AS build',
      'WORKDIR /src',
      'COPY . ./',
      'RUN mvn --batch-mode -DskipTests package',
      'FROM ${BASE}',
      'COPY --from=build --chown=0:0 /src/target/a.jar /app/server',
    ]);
    const lines = await linesFor('java', { 'build.gradle': '' }, 'build/libs/a.jar', 'A.class');
    expect(lines).toContain('RUN gradle --no-daemon assemble');
    expect(lines).toContain('COPY --from=build /src/build/libs/a.jar /context/build/libs/a.jar');
  });

  it('is left out where nothing says how the project is built', async () => {
    const files = { ...NODE, 'package.json': JSON.stringify(MANIFEST) };
    expect((await buildOf(files, 'nodejs24-debian13'))[0]).toBe('FROM ${BASE}');
  });
});
