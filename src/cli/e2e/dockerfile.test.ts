import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSource, parseLocation } from '../../location/index.ts';
import { imagesOf, type Image, type RunConfig } from '../../oci/index.ts';
import { pith, pithBuild, succeed } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { type ContainerStorage, createContainerStorage } from '../../testing/containers.ts';
import { openImage, readImageFiles } from '../../testing/image-files.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const MODULES = fileURLToPath(new URL('../../../node_modules/', import.meta.url));
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

let storage: ContainerStorage;
let layout: string;

beforeAll(async () => {
  storage = await createContainerStorage();
  layout = join(storage.folder, 'images');
});
afterAll(() => storage.remove());

/** Writes the files of a project; gives its folder. */
async function writeProject(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(storage.folder, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Packs a project, and builds the Dockerfile that says the same; gives what is beyond the base in both, and the Dockerfile. */
async function buildBoth(
  project: string,
  base: string,
  flags: readonly string[] = [],
): Promise<{ packed: Facts; built: Facts; dockerfile: string }> {
  const name = project.slice(project.lastIndexOf('/') + 1);
  await pithBuild([`${base}:latest`, '--platform', 'linux/amd64', '-o', `oci:${layout}`]);
  const words = ['pack', project, '--platform', 'linux/amd64', '--quiet', ...flags];
  const packed = await pith([...words, '-o', `oci:${layout}:packed-${name}`]);
  expect(packed, packed.stderr).toMatchObject({ code: 0 });
  const written = await pith([...words, '--dockerfile']);
  expect(written, written.stderr).toMatchObject({ code: 0 });
  const file = join(storage.folder, `${name}.Dockerfile`);
  await writeFile(file, written.stdout);
  const id = join(storage.folder, `${name}.id`);
  const args = [
    'build',
    '--pull=never',
    '--iidfile',
    id,
    '--format',
    'docker',
    ...LIMITS,
    '-f',
    file,
    project,
  ];
  await succeed('podman', ['--runtime', 'runc', ...args], { env: storage.env, cwd: storage.folder });
  // Of all forms this one keeps the health check.
  const archive = `docker-archive:${join(storage.folder, name)}.tar`;
  await storage.podman('push', (await readFile(id, 'utf8')).trim(), archive);
  const [image] = imagesOf(await openSource(parseLocation(archive)).open());
  if (!image) throw new Error(`${archive} holds no image`);
  return {
    packed: await factsOf(await openImage(layout, `packed-${name}`), base),
    built: await factsOf(image, base),
    dockerfile: written.stdout,
  };
}

/** Members of the configuration, besides variables and labels; what is empty is as if it were not there. */
const COMPARED: readonly string[] = [
  'User',
  'ExposedPorts',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'StopSignal',
  'Healthcheck',
] satisfies (keyof RunConfig)[];

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

interface Facts {
  readonly files: Readonly<Record<string, string>>;
  readonly config: object;
}

/** Files of an image that its base has not, with type, mode, owner and content, and its configuration. */
async function factsOf(image: Image, base: string): Promise<Facts> {
  const below = await readImageFiles(await openImage(layout, `${base}:latest`));
  const files = await readImageFiles(image);
  const { Env = [], Labels = {}, ...more } = image.config.config ?? {};
  const set = Object.entries(more).filter(([key, value]) => COMPARED.includes(key) && !isEmpty(value));
  return {
    files: Object.fromEntries(
      [...files]
        .filter(([path]) => !below.has(path))
        .map(([path, { type, mode, uid, gid, digest, linkName }]) => [
          path,
          `${type} ${(mode & 0o7777).toString(8)} ${uid}:${gid} ${type === 'file' ? digest : linkName}`,
        ]),
    ),
    config: {
      ...Object.fromEntries(set),
      Env: [...Env].sort(),
      Labels: Object.fromEntries(Object.entries(Labels).filter(([label]) => label !== 'io.buildah.version')),
    },
  };
}

describeWith(
  'the image of a printed Dockerfile',
  { tools: ['podman', 'buildah', 'runc', 'gcc'], unless: unlessRoot() },
  () => {
    it('is that of `pith pack` for a C program with files beside it', async () => {
      const project = await writeProject('c-program', {
        'data/words.txt': 'one\n',
        'data/more/list.txt': 'two\n',
        'run.conf': 'level=$HOME "x"\n',
      });
      await compile('hello.c', project, 'hello');
      await chmod(join(project, 'run.conf'), 0o600);
      const flags = [
        ...['--healthcheck', '["/app/hello"]', '--health-retries', '2'],
        '-e',
        'MOTTO=a "b" $c \\d \'e\' # f',
        '-p',
        '53/udp',
        '-l',
        'a.b=c=$d',
        '--cmd',
        '["x y"]',
      ];
      const { packed, built, dockerfile } = await buildBoth(project, 'base-nossl-debian13', flags);
      expect(Object.keys(packed.files)).toContain('app/hello');
      expect(built).toEqual(packed);
      expect(dockerfile).toContain('COPY --chown=0:0 data/ /app/data/');
      expect(dockerfile).not.toContain('AS ');
    });

    it('is that of `pith pack` for an application of Node.js with what is installed', async () => {
      const project = await writeProject('node-app', {
        'package.json': JSON.stringify({
          name: 'web',
          version: '1.2.3',
          description: 'says "hi" for $5',
          main: 'server.js',
          dependencies: { yaml: '*', semver: '*' },
        }),
        'server.js': "require('yaml'); require('semver'); require('http').createServer().listen(3000);\n",
        'public/index.html': '<p>\n',
        'node_modules/.cache/left': 'out\n',
      });
      for (const name of ['yaml', 'semver'])
        await cp(join(MODULES, name), join(project, 'node_modules', name), { recursive: true });
      const { packed, built, dockerfile } = await buildBoth(project, 'nodejs24-debian13');
      expect(Object.keys(packed.files).length).toBeGreaterThan(50);
      expect(built).toEqual(packed);
      expect(dockerfile).toContain('COPY --chown=0:0 node_modules/yaml/ /app/node_modules/yaml/');
    });

    it('is that of `pith pack` for an application of Python with packages in a folder', async () => {
      const project = await writeProject('python-app', {
        'main.py': 'from greet import hello\nhello()\n',
        'packages/greet/__init__.py': 'def hello(): print("hi")\n',
        'packages/greet/__pycache__/left.pyc': 'out',
        'packages/greet-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n',
        'static/a b.css': 'p {}\n',
      });
      const { packed, built } = await buildBoth(project, 'python3-debian13', ['--main', 'main.py']);
      expect(Object.keys(packed.files)).toContain('app/static/a b.css');
      expect(built).toEqual(packed);
    });

    /** An image of Debian cannot be had here: one of the catalogue with busybox stands for it. */
    async function standInForDebian(): Promise<void> {
      const slim = join(storage.folder, 'slim.yaml');
      const packages = 'packages: [{name: busybox-static, dependencies: false, applets: true}]';
      await writeFile(slim, `name: slim\nextends: base-nossl-debian13\n${packages}\n`);
      await pithBuild([`${slim}:latest`, '--platform', 'linux/amd64', '-o', `oci:${layout}`]);
      const id = await storage.pull(layout, 'slim:latest');
      await storage.podman('tag', id, 'docker.io/library/debian:trixie-slim');
    }

    it('is that of `pith pack` with folders that the application writes to', async () => {
      await standInForDebian();
      const project = await writeProject('next', {
        'package.json': '{"name": "next-app"}',
        '.next/standalone/package.json': '{"name": "next-app"}',
        '.next/standalone/server.js': 'require("http").createServer().listen(3000)',
        '.next/standalone/.next/BUILD_ID': 'x',
        '.next/standalone/node_modules/next/package.json': '{"name": "next"}',
        '.next/static/[id]/page.js': '1',
      });
      const { packed, built } = await buildBoth(project, 'nodejs24-debian13');
      expect(packed.files['app/.next/cache']).toBe('directory 755 65532:65532 ');
      expect(built).toEqual(packed);
    });

    it('is that of `pith pack` where a shell has to put files together', async () => {
      await standInForDebian();
      const project = await writeProject('scattered', {
        'pages/[id]/$x.html': 'a\n',
        "pages/it's.html": 'b\n',
        'pages/run.sh': 'c\n',
      });
      await symlink('pages/run.sh', join(project, 'link'));
      await chmod(join(project, 'pages/run.sh'), 0o750);
      const { packed, built, dockerfile } = await buildBoth(project, 'static-debian13', [
        ...['--kind', 'files', '--healthcheck', 'http://:8080/', '--health-timeout', '1.5s'],
      ]);
      expect(built).toEqual(packed);
      expect(dockerfile).toContain('FROM debian:trixie-slim AS files');
      expect(packed.files['app/link']).toBe('symlink 777 0:0 pages/run.sh');
    });
  },
);
