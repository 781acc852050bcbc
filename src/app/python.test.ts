import { describe, expect, it } from 'vitest';
import { PithError } from '../core/index.ts';
import { makeElf } from '../testing/elf.ts';
import { makeZip } from '../testing/zip.ts';
import { makeProject, type Content } from './fixtures.ts';
import type { Application, AppRequest } from './model.ts';
import { detectPython } from './python.ts';

type Files = Readonly<Record<string, Content>>;

const SITE = '.venv/lib/python3.13/site-packages';
const VENV = {
  '.venv/pyvenv.cfg': 'home = /usr/bin\nversion = 3.13.5\n',
  '.venv/bin/python': { link: '/usr/bin/python3' },
};

/** A package as pip installs it. */
function installed(name: string, folder = SITE, more: Files = {}): Files {
  return {
    [`${folder}/${name}-1.0.dist-info/METADATA`]: `Name: ${name}\n`,
    [`${folder}/${name}/__init__.py`]: '',
    ...Object.fromEntries(Object.entries(more).map(([path, content]) => [`${folder}/${path}`, content])),
  };
}

async function detect(files: Files, request: AppRequest = {}): Promise<Application> {
  const found = await detectPython(makeProject(files), request);
  if (!found) throw new Error('nothing was detected');
  return found;
}

async function layersOf(files: Files): Promise<Record<string, string[]>> {
  const { layers } = await detect(files);
  return Object.fromEntries(layers.map(({ name, files: placed }) => [name, [...placed.keys()]]));
}

async function failure(files: Files, request: AppRequest = {}): Promise<PithError> {
  const error: unknown = await detectPython(makeProject(files), request).catch((reason: unknown) => reason);
  if (error instanceof PithError) return error;
  throw new Error(`no failure, but ${JSON.stringify(error)}`);
}

const accepted = ({ needs }: Application): string[] =>
  ['3.11', '3.13'].filter((version) => needs.runtime?.accepts(version));
const FLASK = 'from flask import Flask\napp = Flask(__name__)\n';
const gunicorn = (application: string, port = 8000): string[] => [
  '-m',
  'gunicorn',
  application,
  '--bind',
  `0.0.0.0:${port}`,
  '--worker-tmp-dir',
  '/dev/shm',
];
const uvicorn = (application: string, port = 8000): string[] => [
  '-m',
  'uvicorn',
  application,
  '--host',
  '0.0.0.0',
  '--port',
  String(port),
];
const GUNICORN = installed('gunicorn', SITE, { 'gunicorn/__main__.py': '' });
const ENTRY_POINTS = {
  'tool-1.0.dist-info/entry_points.txt': '[other]\ntool = x:y\n[console_scripts]\ntool = tool.cli:main\n',
};

describe('what starts', () => {
  it.each<[string, Files, string[]]>([
    ['Flask under gunicorn', { 'app.py': FLASK, ...GUNICORN }, gunicorn('app:app')],
    [
      'Flask under waitress',
      { 'app.py': FLASK, ...installed('waitress') },
      ['-m', 'waitress', '--listen=0.0.0.0:8000', 'app:app'],
    ],
    [
      'Flask alone',
      { 'app.py': FLASK },
      ['-m', 'flask', '--app', 'app:app', 'run', '--host', '0.0.0.0', '--port', '8000'],
    ],
    [
      'a factory of Flask',
      { 'shop/__init__.py': 'from flask import Flask\n\ndef create_app():\n    pass', ...GUNICORN },
      gunicorn('shop:create_app()'),
    ],
    [
      'FastAPI under uvicorn',
      { 'src/shop/main.py': 'api: FastAPI = fastapi.FastAPI(title="x")', ...installed('uvicorn') },
      uvicorn('shop.main:api'),
    ],
    [
      'FastAPI at a port that it names',
      {
        'main.py': 'app = FastAPI()\nif __name__ == "__main__":\n    uvicorn.run(app, port=9000)',
        ...installed('uvicorn'),
      },
      uvicorn('main:app', 9000),
    ],
    [
      'Starlette under hypercorn',
      { 'main.py': 'app = Starlette()', ...installed('hypercorn') },
      ['-m', 'hypercorn', 'main:app', '--bind', '0.0.0.0:8000'],
    ],
    ['FastAPI alone', { 'main.py': 'app = FastAPI()' }, ['main.py']],
    [
      'Django under gunicorn',
      {
        'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")',
        'site/wsgi.py': '',
        'other/wsgi.py': '',
        ...GUNICORN,
      },
      gunicorn('site.wsgi:application'),
    ],
    [
      'Django under uvicorn',
      { 'manage.py': 'import django', 'site/wsgi.py': '', 'site/asgi.py': '', ...installed('uvicorn') },
      uvicorn('site.asgi:application'),
    ],
    [
      'Django alone',
      { 'manage.py': 'import django' },
      ['manage.py', 'runserver', '--noreload', '0.0.0.0:8000'],
    ],
    [
      'a Procfile',
      { Procfile: 'release: x | y\nweb: gunicorn --workers 2 wsgi:app\n', ...GUNICORN },
      [
        '-m',
        'gunicorn',
        '--workers',
        '2',
        'wsgi:app',
        '--bind',
        '0.0.0.0:8000',
        '--worker-tmp-dir',
        '/dev/shm',
      ],
    ],
    [
      'a Procfile with a port',
      { Procfile: 'web: gunicorn wsgi:app -b 0.0.0.0:$PORT --worker-tmp-dir=/tmp', ...GUNICORN },
      ['-m', 'gunicorn', 'wsgi:app', '-b', '0.0.0.0:8000', '--worker-tmp-dir=/tmp'],
    ],
    ['a Procfile with a file', { Procfile: 'web: python3 a.py ${PORT:-80}' }, ['a.py', '80']],
    [
      'a Procfile with the program of a package',
      { Procfile: 'web: tool --x', ...installed('tool', SITE, ENTRY_POINTS) },
      ['-c', 'import sys; from tool.cli import main; sys.exit(main())', '--x'],
    ],
    [
      'a script of pyproject.toml',
      {
        'pyproject.toml': '[project]\nname = "shop"\n[project.scripts]\nshop = "shop.cli:run"\nother = "a:b"',
        'shop/cli.py': '',
      },
      ['-c', 'import sys; from shop.cli import run; sys.exit(run())'],
    ],
    [
      'a script whose package runs itself',
      { 'pyproject.toml': '[project.scripts]\nx = "shop.cli:run"', 'src/shop/__main__.py': '' },
      ['-m', 'shop'],
    ],
    [
      'a script whose module runs itself',
      {
        'pyproject.toml': '[tool.poetry.scripts]\nx = "cli:run"',
        'cli.py': 'if __name__ == "__main__":\n    run()',
      },
      ['-m', 'cli'],
    ],
    ['__main__.py', { '__main__.py': '', 'app.py': '' }, ['__main__.py']],
    ['a package with __main__.py', { 'shop/__main__.py': '', 'requirements.txt': '' }, ['-m', 'shop']],
    ['a usual name', { 'main.py': '', 'lib.py': '' }, ['main.py']],
    ['the only file', { 'job.py': '', 'setup.py': '' }, ['job.py']],
  ])('is %s', async (_what, files, words) => {
    const { config } = await detect({ ...VENV, ...files });
    expect(config.entrypoint).toEqual(['/usr/bin/python3', ...words]);
    expect(config).toMatchObject({
      workdir: '/app',
      env: { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
    });
  });

  it('is what the user says, before all else', async () => {
    const files = {
      ...GUNICORN,
      ...VENV,
      Procfile: 'web: gunicorn x:y',
      'jobs/a.py': 'app = Flask()\nif __name__ == "__main__":\n  app.run()',
      'web.py': 'app = Flask()',
    };
    expect((await detect(files, { main: 'jobs/a.py' })).config.entrypoint).toEqual([
      '/usr/bin/python3',
      'jobs/a.py',
    ]);
    expect((await detect(files, { main: 'web.py' })).config.entrypoint).toEqual([
      '/usr/bin/python3',
      ...gunicorn('web:app'),
    ]);
    expect(await failure(files, { main: 'jobs/b.py' })).toMatchObject({
      message: 'jobs/b.py is not there',
      hint: 'Did you mean jobs/a.py?',
    });
    expect(await failure(files, { main: '../a.py' })).toMatchObject({ code: 'APP_INVALID' });
  });

  it.each<[string, RegExp]>([
    ['web: ./migrate.sh && gunicorn a:b', /needs a shell for several commands/],
    ['web: gunicorn a:b | tee log', /needs a shell for a pipe/],
    ['web: daphne a:b', /starts `daphne`, which is not installed/],
  ])('is not `%s`', async (Procfile, message) => {
    const error = await failure({ ...VENV, ...GUNICORN, Procfile });
    expect(error.code).toBe('APP_INVALID');
    expect(error.message).toMatch(message);
  });

  it('has to be said where nothing tells', async () => {
    expect(await failure({ 'requirements.txt': '' })).toMatchObject({
      code: 'APP_INVALID',
      hint: expect.stringContaining('--main FILE') as string,
    });
  });

  it('keeps gunicorn from writing where it cannot', async () => {
    const newer = {
      ...VENV,
      [`${SITE}/gunicorn-25.1.0.dist-info/METADATA`]: '',
      [`${SITE}/gunicorn/__main__.py`]: '',
    };
    for (const files of [{ 'app.py': FLASK }, { Procfile: 'web: gunicorn app:app' }])
      expect((await detect({ ...newer, ...files })).config.entrypoint).toEqual([
        '/usr/bin/python3',
        ...gunicorn('app:app'),
        '--no-control-socket',
      ]);
  });

  it('listens on the port that it is given', async () => {
    expect(
      (await detect({ ...VENV, ...GUNICORN, Procfile: 'web: gunicorn a:b --bind=:5000' })).config.ports,
    ).toEqual(['5000/tcp']);
  });
});

describe('dependencies', () => {
  it('of a virtual environment go to a place of their own, without installers and the links of the environment', async () => {
    const files = {
      ...VENV,
      ...installed('flask', SITE, { 'flask/__pycache__/x.cpython-313.pyc': '', 'flask/static/a.css': '' }),
      ...installed('pip'),
      ...installed('setuptools', SITE, {
        'pkg_resources/__init__.py': '',
        'distutils-precedence.pth': 'import os',
      }),
      '.venv/bin/flask': '#!/home/me/.venv/bin/python',
      'app.py': FLASK,
      'requirements.txt': 'Flask>=3 # web\n',
    };
    expect(await layersOf(files)).toEqual({
      dependencies: [
        '/opt/site-packages/flask-1.0.dist-info/METADATA',
        '/opt/site-packages/flask/__init__.py',
        '/opt/site-packages/flask/static/a.css',
      ],
      application: ['/app/app.py', '/app/requirements.txt'],
    });
    const { config, notes, evidence } = await detect(files);
    expect(config.env['PYTHONPATH']).toBe('/opt/site-packages');
    expect(notes.join('\n')).toMatch(/left out, for nothing is installed in an image: pip, setuptools/);
    expect(evidence).toContain('.venv: a virtual environment of Python 3.13 with 3 packages');
  });

  it('keep setuptools where one of them says that it needs it', async () => {
    const old = { [`${SITE}/old-1.0.dist-info/METADATA`]: 'Name: old\nRequires-Dist: setuptools>=3\n' };
    const files = { ...VENV, ...installed('setuptools'), ...old, 'app.py': '' };
    expect((await layersOf(files))['dependencies']).toContain('/opt/site-packages/setuptools/__init__.py');
  });

  it.each(['vendor', 'lib', 'build/python'])('in a target folder stay there: %s', async (folder) => {
    const files = {
      ...installed('flask', folder, { 'bin/flask': '#!/usr/bin/python3' }),
      'app.py': FLASK,
      'requirements.txt': 'flask',
    };
    expect((await layersOf(files))['dependencies']).toEqual([
      `/app/${folder}/flask-1.0.dist-info/METADATA`,
      `/app/${folder}/flask/__init__.py`,
    ]);
    expect((await detect(files)).config.env['PYTHONPATH']).toBe(`/app/${folder}`);
  });

  it('may be beside the sources', async () => {
    const files = {
      ...installed('flask', 'x'),
      ...Object.fromEntries(
        Object.entries(installed('flask', 'x')).map(([path, content]) => [path.slice(2), content]),
      ),
      'app.py': FLASK,
    };
    const layers = await layersOf(files);
    expect(layers['dependencies']).toContain('/app/flask/__init__.py');
    expect(layers['application']).toEqual(['/app/app.py']);
  });

  it.each<[string, Files, string, string]>([
    [
      'requirements.txt',
      {
        'requirements.txt': '--index-url x\n-r base.txt\nflask[async]==3 ; python_version > "3"\n',
        'base.txt': 'Zope.Interface >= 2 # x\n',
      },
      'base.txt asks for zope-interface, which is',
      'pip install --target vendor -r requirements.txt',
    ],
    [
      'pyproject.toml',
      { 'pyproject.toml': '[project]\nname = "a"\ndependencies = ["flask>=3", "a[x]", "numpy"]' },
      'pyproject.toml asks for flask, numpy, which are',
      'pip install --target vendor .',
    ],
    [
      'Poetry',
      { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "^3"' },
      'pyproject.toml asks for flask, which is',
      'pip install --target vendor .',
    ],
  ])('of %s have to be installed', async (_what, files, message, command) => {
    const error = await failure({ 'app.py': FLASK, ...files });
    expect(error.code).toBe('APP_INVALID');
    expect(error.message).toContain(message);
    expect(error.hint).toContain(command);
  });

  it('that are installed for editing are found where they are', async () => {
    const files = {
      ...VENV,
      ...installed('flask', SITE, { '_shop.pth': '/home/me/project/src\n', 'b.pth': '/elsewhere\n' }),
      'src/shop/__main__.py': '',
    };
    const { config, notes } = await detect(files);
    expect(config.env['PYTHONPATH']).toBe('/app/src:/opt/site-packages');
    expect(notes.join()).toMatch(/b\.pth is not followed: it adds "\/elsewhere"/);
  });

  it('tell what the image has to bring', async () => {
    const { needs, notes } = await detect({
      ...VENV,
      ...installed('certifi'),
      'app.py': 'from zoneinfo import ZoneInfo',
    });
    expect(needs).toMatchObject({ certificates: true, timeZones: true });
    expect(notes.join()).toMatch(/certifi brings certificates/);
    expect((await detect({ 'app.py': 'print(1)' })).needs).toMatchObject({
      certificates: false,
      timeZones: false,
    });
    expect((await detect({ 'app.py': 'import urllib.request' })).needs.certificates).toBe(true);
  });
});

describe('compiled modules', () => {
  const module = (name: string, content: Content = makeElf()): Files => ({
    ...VENV,
    'app.py': '',
    ...installed('numpy', SITE, { [`numpy/${name}`]: content }),
  });

  it('and the libraries of wheels are what the image has to serve', async () => {
    const { needs } = await detect({
      ...module('core.abi3.so'),
      [`${SITE}/numpy.libs/libblas-1a.so.3`]: makeElf(),
      [`${SITE}/numpy/script.so`]: 'INPUT(x)',
    });
    expect(needs.binaries).toEqual([`${SITE}/numpy.libs/libblas-1a.so.3`, `${SITE}/numpy/core.abi3.so`]);
  });

  it.each<[string, string[]]>([
    ['a.cpython-311-x86_64-linux-gnu.so', ['3.11']],
    ['a.cpython-313-aarch64-linux-gnu.so', ['3.13']],
    ['a.cpython-312-x86_64-linux-gnu.so', []],
    ['a.cpython-313t-x86_64-linux-gnu.so', []],
  ])('decide the version: %s', async (name, versions) => {
    const files = module(name);
    const application = await detect(files);
    expect(accepted(application)).toEqual(versions);
    expect(application.needs.runtime?.wanted).toContain(name);
  });

  it.each<[string, Content, RegExp]>([
    ['a.cpython-313-x86_64-linux-musl.so', makeElf(), /is for Linux with musl/],
    ['a.cpython-313-darwin.so', Buffer.from('cffaedfe00000000', 'hex'), /is for another system/],
    ['a.abi3.so', Buffer.from('cffaedfe00000000', 'hex'), /is for another system/],
    ['a.cp313-win_amd64.pyd', 'MZ', /is for another system/],
  ])('for another system are refused: %s', async (name, content, message) => {
    const error = await failure(module(name, content));
    expect(error).toMatchObject({
      code: 'APP_INVALID',
      hint: expect.stringContaining('--platform manylinux') as string,
    });
    expect(error.message).toMatch(message);
  });
});

describe('the version of Python', () => {
  const project = (requires: string): Files => ({
    'pyproject.toml': `[project]\nrequires-python = ${JSON.stringify(requires)}`,
  });
  const environment = (version: string): Files => ({
    '.venv/pyvenv.cfg': `version_info = ${version}.1.final.0`,
  });
  it.each<[Files, string[]]>([
    [{}, ['3.11', '3.13']],
    [project('>=3.12'), ['3.13']],
    [project('>=3.8,<3.12'), ['3.11']],
    [project('~=3.11'), ['3.11', '3.13']],
    [project('==3.11.*'), ['3.11']],
    [project('>=3.11, !=3.13.*'), ['3.11']],
    [project('>3.11.2,<3.11.5'), ['3.11']],
    [project('>=4'), []],
    [{ 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.12"' }, ['3.13']],
    [{ 'pyproject.toml': '[tool.poetry.dependencies]\npython = "~3.11"' }, ['3.11']],
    [{ '.python-version': '3.13.1\n' }, ['3.13']],
    [{ 'runtime.txt': 'python-3.11.7' }, ['3.11']],
    [environment('3.11'), ['3.11']],
    [environment('3.12'), ['3.13']],
    [environment('3.10'), ['3.11', '3.13']],
    [{ ...environment('3.13'), ...project('<3.13') }, []],
  ])('of %j fits %j', async (files, versions) => {
    expect(accepted(await detect({ 'main.py': '', ...files }))).toEqual(versions);
  });

  it.each([
    ['3.13', '3.13 (.python-version)'],
    ['3.13.1', '3.13 (3.13.1 in .python-version)'],
  ])('of %s in a file of a tool stands for its line, and is told as it is', async (version, wanted) => {
    const { needs } = await detect({ 'main.py': '', '.python-version': version });
    expect(needs.runtime?.wanted).toBe(wanted);
  });

  it.each<[Files]>([[project('banana')], [project('x'.repeat(9999))], [{ '.python-version': 'pypy3' }]])(
    'of %j is a fault',
    async (files) => {
      expect(await failure({ 'main.py': '', ...files })).toMatchObject({ code: 'APP_INVALID' });
    },
  );
});

describe('layers', () => {
  it('hold resources apart, and nobody’s business stays out', async () => {
    const layers = await layersOf({
      'app.py': FLASK,
      'static/a.css': '',
      'templates/a.html': '',
      'staticfiles/b.css?': '',
      '.env': 'SECRET=1',
      '.git/config': '',
      '.pytest_cache/x?': '',
      '__pycache__/app.cpython-313.pyc?': '',
      'data.db?': '',
      'web/node_modules/a/index.js?': '',
    });
    expect(layers).toEqual({
      resources: ['/app/static/a.css', '/app/staticfiles/b.css', '/app/templates/a.html'],
      application: ['/app/app.py'],
    });
  });
});

describe('a program that is one file', () => {
  const single = (name: string, content: Content): Promise<Application | undefined> =>
    detectPython({ ...makeProject({ [name]: content }), single: name }, {});
  it('is a script', async () => {
    expect(await single('job.py', 'import ssl')).toMatchObject({
      title: 'Python program (one file)',
      config: { entrypoint: ['/usr/bin/python3', 'job.py'] },
      needs: { certificates: true },
    });
    expect(await single('job', '#!/usr/bin/env python3\n')).toBeDefined();
    expect(await single('job', '#!/bin/sh\n')).toBeUndefined();
  });
  it('is a zipapp, whose first line tells the version', async () => {
    const prefix = Buffer.from('#!/usr/bin/env python3.11\n');
    const application = await single('job.pyz', makeZip({ '__main__.py': '' }, { prefix }));
    expect(application).toMatchObject({
      title: 'Python zipapp',
      needs: { runtime: { wanted: '==3.11.* (first line)' } },
      notes: [],
    });
    expect(application && accepted(application)).toEqual(['3.11']);
  });
  it('is a zipapp, of which compiled modules are told', async () => {
    const content = makeZip({ '__main__.py': '', 'a/_fast.cpython-313-x86_64-linux-gnu.so': '' });
    expect((await single('job.pyz', content))?.notes).toEqual([
      'compiled modules inside a zipapp cannot be loaded from it: a/_fast.cpython-313-x86_64-linux-gnu.so',
    ]);
  });
  it.each<[string, Content, string]>([
    ['damaged', '#!/usr/bin/env python3\nPK\x03\x04', 'job.pyz'],
    ['without a start', makeZip({ 'main.py': '' }), 'without __main__.py'],
  ])('is no zipapp: %s', async (_what, content, message) => {
    await expect(single('job.pyz', content)).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: expect.stringContaining(message) as string,
    });
  });
  it('says in its metadata what it needs', async () => {
    const script = (lines: string): string => `# /// script\n${lines}\n# ///\n`;
    const application = await single('a.py', script('# requires-python = ">=3.12"'));
    expect(application && accepted(application)).toEqual(['3.13']);
    await expect(single('a.py', script('# dependencies = ["requests"]'))).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: expect.stringContaining('asks for requests') as string,
    });
    await expect(single('a.py', script('# a = ='))).rejects.toMatchObject({ code: 'APP_INVALID' });
  });
});

it('carries labels of pyproject.toml', async () => {
  const text =
    '[project]\nname = "shop"\nversion = "1.2"\ndescription = "A\\nshop"\nlicense = { text = "MIT" }\n[project.urls]\nHomepage = "https://shop.example"\nRepository = "https://git.example/shop"';
  const { config } = await detect({ 'main.py': '', 'pyproject.toml': text });
  const prefix = 'org.opencontainers.image';
  expect(config.labels).toEqual({
    [`${prefix}.title`]: 'shop',
    [`${prefix}.version`]: '1.2',
    [`${prefix}.description`]: 'A shop',
    [`${prefix}.licenses`]: 'MIT',
    [`${prefix}.url`]: 'https://shop.example',
    [`${prefix}.source`]: 'https://git.example/shop',
  });
});

describe('nothing of Python', () => {
  it.each<[string, Files, AppRequest]>([
    ['an empty folder', {}, {}],
    ['a Node.js project with a script', { 'package.json': '{}', 'gyp.py': '' }, {}],
    ['pages', { 'index.html': '', 'serve.py': '' }, {}],
    ['another kind is asked for', { 'app.py': '' }, { kind: 'java' }],
    ['a main file of another kind', { 'app.py': '' }, { main: 'server.js' }],
  ])('is %s', async (_what, files, request) => {
    expect(await detectPython(makeProject(files), request)).toBeUndefined();
  });
});

describe('hostile and broken files', () => {
  it.each<[string, Files, RegExp]>([
    ['pyproject.toml', { 'pyproject.toml': '[project]\nname = \n' }, /^pyproject.toml, line 2, column 8: /],
    [
      'requirements.txt that is no text',
      { 'app.py': '', 'requirements.txt': Buffer.from([0xff, 0xff]) },
      /not UTF-8/,
    ],
    [
      'a script that is no reference',
      { 'pyproject.toml': '[project.scripts]\na = "x; import os"' },
      /not `module:function`/,
    ],
    [
      'a script that would be code',
      { 'pyproject.toml': '[project.scripts]\na = "os:system(1)"' },
      /not `module:function`/,
    ],
  ])('are refused: %s', async (_what, files, message) => {
    const error = await failure(files);
    expect(error.code).toBe('APP_INVALID');
    expect(error.message).toMatch(message);
  });

  it('lead nowhere: requirements that include each other or what is outside', async () => {
    const files = {
      'app.py': '',
      'requirements.txt': '-r a.txt\n-r ../../etc/passwd\n-r /etc/passwd',
      'a.txt': '-r requirements.txt\n',
    };
    expect((await detect(files)).title).toBe('Python application');
  });
});
