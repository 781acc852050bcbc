import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/index.ts';
import { rejectionOf } from '../../../testing/thrown.ts';
import { makeWheel, type TestWheel } from '../../../testing/wheel.ts';
import { type Content, makeProject } from '../../fixtures.ts';
import type { Application, AppRequest } from '../../model.ts';
import { detectPython } from '../../python.ts';
import { parseWheelName, rankOf } from './tags.ts';

type Files = Readonly<Record<string, Content>>;

const AMD64 = { platform: 'linux/amd64' };
const APP: TestWheel = {
  name: 'app',
  files: { 'app/__init__.py': '', 'app/main.py': 'def run(): pass\n' },
  scripts: ['app = app.main:run'],
};

async function detect(files: Files, request: AppRequest = AMD64): Promise<Application> {
  const found = await detectPython(makeProject(files), request);
  if (!found) throw new Error('nothing was found');
  return found;
}

/** Members by the paths in the image. */
function placed({ layers }: Application): Record<string, string> {
  return Object.fromEntries(
    layers.flatMap(({ files }) => [...files].map(([to, { path, member = '' }]) => [to, `${path}:${member}`])),
  );
}

const accepted = ({ needs }: Application): string[] =>
  ['3.11', '3.13'].filter((version) => needs.runtime?.accepts(version));

describe('a wheel', () => {
  it('is unpacked as pip would install it, and started by its console script', async () => {
    const files = {
      ...APP.files,
      'app-1.0.data/purelib/more.py': '',
      'app-1.0.data/platlib/other.py': '',
      'app-1.0.data/data/share/app.txt': 'x',
      'app-1.0.data/scripts/tool': '#!python\n',
      'app-1.0.data/headers/app.h': '',
    };
    const app = await detect({ 'app-1.0-py3-none-any.whl': makeWheel({ ...APP, files }) });
    const whl = 'app-1.0-py3-none-any.whl';
    const site = '/opt/site-packages';
    expect(placed(app)).toEqual({
      [`${site}/app/__init__.py`]: `${whl}:app/__init__.py`,
      [`${site}/app/main.py`]: `${whl}:app/main.py`,
      [`${site}/more.py`]: `${whl}:app-1.0.data/purelib/more.py`,
      [`${site}/other.py`]: `${whl}:app-1.0.data/platlib/other.py`,
      [`${site}/share/app.txt`]: `${whl}:app-1.0.data/data/share/app.txt`,
      ...Object.fromEntries(
        ['METADATA', 'WHEEL', 'RECORD', 'entry_points.txt'].map((name) => [
          `${site}/app-1.0.dist-info/${name}`,
          `${whl}:app-1.0.dist-info/${name}`,
        ]),
      ),
    });
    expect(app.config).toMatchObject({
      entrypoint: ['/usr/bin/python3', '-c', 'import sys; from app.main import run; sys.exit(run())'],
      env: { PYTHONPATH: site },
      labels: { 'org.opencontainers.image.version': '1.0', 'org.opencontainers.image.title': 'app' },
    });
    const digests = app.layers.flatMap((layer) => [...layer.files.values()].map(({ digest }) => digest));
    expect(digests).toContain(digestOf('def run(): pass\n'));
    expect([accepted(app), app.isForPlatform]).toEqual([['3.11', '3.13'], undefined]);
  });

  it('may be a file by itself', async () => {
    const path = 'app-1.0-py3-none-any.whl';
    const project = { ...makeProject({ [path]: makeWheel(APP) }), single: path };
    expect((await detectPython(project, AMD64))?.evidence[0]).toBe(`${path}: the script app is app.main:run`);
  });

  it('that runs itself needs no script', async () => {
    const files = { 'app/__main__.py': '' };
    const app = await detect({ 'dist/app-1.0-py3-none-any.whl': makeWheel({ name: 'app', files }) });
    expect(app.config.entrypoint).toEqual(['/usr/bin/python3', '-m', 'app']);
  });

  it.each<[string, Partial<TestWheel>, RegExp]>([
    [
      'without a digest',
      { record: (lines) => lines.slice(1) },
      /its RECORD has no digest of app\/__init__.py/,
    ],
    ['with less than its RECORD has', { record: (lines) => [...lines, 'x.py,sha256=a,1'] }, /it lacks x.py/],
    ['with weak digests', { algorithm: 'md5' }, /app\/__init__.py has not the digest of its RECORD/],
    ['of a later specification', { wheelVersion: '2.0' }, /its Wheel-Version is 2.0, not 1/],
    ['of another name', { name: 'other' }, /its .dist-info is other-1.0.dist-info, not that of app/],
    [
      'with several programs',
      { scripts: ['a = app.main:run', 'b = app.main:run'] },
      /several programs: a, b/,
    ],
    ['without a program', { scripts: [] }, /neither a console script nor a __main__.py/],
    ['for another Python', { metadata: ['Requires-Python: >=3.14'] }, /asks for Python >=3.14, not 3.13/],
    [
      'that asks for what is not there',
      { metadata: ['Requires-Dist: flask (>=2)'] },
      /whl asks for flask, of which there is no wheel/,
    ],
  ])('%s is refused', async (_what, change, message) => {
    const error = await rejectionOf(detect({ 'app-1.0-py3-none-any.whl': makeWheel({ ...APP, ...change }) }));
    expect([error.code, error.message]).toEqual(['APP_INVALID', expect.stringMatching(message)]);
  });

  it('that is cut off is refused', async () => {
    const error = await rejectionOf(detect({ 'app-1.0-py3-none-any.whl': makeWheel(APP).subarray(0, 300) }));
    expect(error.code).toBe('APP_INVALID');
  });

  it('may have digests of SHA-512', async () => {
    await detect({ 'app-1.0-py3-none-any.whl': makeWheel({ ...APP, algorithm: 'sha512' }) });
  });
});

describe('wheels', () => {
  const needing = { ...APP, metadata: ['Requires-Dist: Num_Py>=1', 'Requires-Dist: extra ; extra == "x"'] };
  const numpy = (tag: string): Files => ({
    [`wheels/num_py-2.0-${tag}.whl`]: makeWheel({
      name: 'num_py',
      version: '2.0',
      files: { 'num_py/__init__.py': tag },
    }),
  });
  const app = { 'wheels/app-1.0-py3-none-any.whl': makeWheel(needing) };

  it.each<[string, string[], string, string, string[]]>([
    [
      'for the platform',
      ['cp313-cp313-manylinux_2_28_aarch64', 'cp313-cp313-manylinux_2_28_x86_64'],
      'linux/amd64',
      'cp313-cp313-manylinux_2_28_x86_64',
      ['3.13'],
    ],
    [
      'for the other platform',
      ['cp313-cp313-manylinux_2_28_aarch64', 'cp313-cp313-manylinux_2_28_x86_64'],
      'linux/arm64',
      'cp313-cp313-manylinux_2_28_aarch64',
      ['3.13'],
    ],
    [
      'for an older Python',
      ['cp311-cp311-manylinux2014_x86_64'],
      'linux/amd64',
      'cp311-cp311-manylinux2014_x86_64',
      ['3.11'],
    ],
    [
      'with the stable interface',
      ['cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64'],
      'linux/amd64',
      'cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64',
      ['3.11', '3.13'],
    ],
    [
      'compiled before portable',
      ['py3-none-any', 'cp313-cp313-manylinux_2_28_x86_64'],
      'linux/amd64',
      'cp313-cp313-manylinux_2_28_x86_64',
      ['3.13'],
    ],
    [
      'for both Pythons in two files',
      ['cp311-cp311-linux_x86_64', 'cp313-cp313-linux_x86_64'],
      'linux/amd64',
      'cp313-cp313-linux_x86_64',
      ['3.13'],
    ],
  ])('are chosen %s', async (_what, tags, platform, tag, versions) => {
    const files = Object.assign({}, app, ...tags.map(numpy)) as Files;
    const found = await detect(files, { platform });
    expect(placed(found)['/opt/site-packages/num_py/__init__.py']).toBe(
      `wheels/num_py-2.0-${tag}.whl:num_py/__init__.py`,
    );
    expect([accepted(found), found.isForPlatform]).toEqual([versions, true]);
  });

  it.each([
    ['cp312-cp312-manylinux_2_28_x86_64', 'Python 3.12'],
    ['cp313-cp313t-manylinux_2_28_x86_64', 'Python without a global lock'],
    ['cp313-cp313-win_amd64', 'Windows'],
    ['cp313-cp313-macosx_14_0_arm64', 'a system of Apple'],
    ['cp313-cp313-musllinux_1_2_x86_64', 'Linux with musl'],
    ['cp313-cp313-manylinux_2_28_aarch64', 'linux/arm64'],
    ['cp313-cp313-manylinux_2_42_x86_64', 'glibc 2.42 or newer'],
    ['pp311-pypy311_pp73-manylinux_2_28_x86_64', 'pp311'],
    ['py2-none-any', 'Python 2'],
  ])('of which none fits are refused: %s', async (tag, purpose) => {
    const error = await rejectionOf(detect({ ...app, ...numpy(tag) }));
    expect(error.message).toBe(
      `no wheel of num-py fits Python 3.13 on linux/amd64: wheels/num_py-2.0-${tag}.whl is for ${purpose}`,
    );
  });

  it('of the newest version are taken, and those that nobody asks for are left out', async () => {
    const old = makeWheel({ name: 'num_py', version: '1.9' });
    const stray = makeWheel({ name: 'stray' });
    const files = { 'wheels/num_py-1.9-py3-none-any.whl': old, 'wheels/stray-1.0-py3-none-any.whl': stray };
    const found = await detect(
      { ...app, ...numpy('py3-none-any'), ...files },
      { ...AMD64, main: 'wheels/app-1.0-py3-none-any.whl' },
    );
    expect(found.notes).toContain(
      'left out, for nothing asks for them or others fit better: wheels/num_py-1.9-py3-none-any.whl, wheels/stray-1.0-py3-none-any.whl',
    );
    expect(Object.values(placed(found)).some((source) => source.includes('1.9'))).toBe(false);
  });

  it('are the dependencies of a program beside them', async () => {
    const found = await detect({
      'main.py': 'import num_py\n',
      'requirements.txt': 'num-py\n',
      ...numpy('py3-none-any'),
      'wheels/stray-1.0-py3-none-any.whl': makeWheel({ name: 'stray' }),
    });
    expect(found.config).toMatchObject({
      entrypoint: ['/usr/bin/python3', 'main.py'],
      workdir: '/app',
      env: { PYTHONPATH: '/opt/site-packages' },
    });
    expect(Object.keys(placed(found)).filter((path) => path.endsWith('.py'))).toEqual([
      '/opt/site-packages/num_py/__init__.py',
      '/app/main.py',
    ]);
  });

  it('leave it to the choice of the image to say that no Python will do', async () => {
    const pyproject = '[project]\nname = "x"\nrequires-python = ">=3.14"\n';
    const found = await detect({ 'main.py': '', 'pyproject.toml': pyproject, ...numpy('py3-none-any') });
    expect(accepted(found)).toEqual([]);
  });

  it('that a program asks for have to be there', async () => {
    const files = { 'main.py': '', 'requirements.txt': 'flask\n', ...numpy('py3-none-any') };
    const error = await rejectionOf(detect(files));
    expect(error.message).toBe('requirements.txt asks for flask, of which there is no wheel');
  });

  it('do not matter where their packages are installed', async () => {
    const found = await detect({
      'main.py': '',
      'vendor/num_py-2.0.dist-info/METADATA': '',
      'vendor/num_py/__init__.py': '',
      ...numpy('py3-none-any'),
    });
    expect(Object.values(placed(found)).every((source) => source.endsWith(':'))).toBe(true);
  });

  it('of several applications have to be told apart', async () => {
    const two = { ...APP, name: 'two' };
    const error = await rejectionOf(
      detect({ 'app-1.0-py3-none-any.whl': makeWheel(APP), 'two-1.0-py3-none-any.whl': makeWheel(two) }),
    );
    expect([error.message, error.hint]).toEqual([
      'several wheels could be the application: app-1.0-py3-none-any.whl, two-1.0-py3-none-any.whl',
      'Say which with `--main FILE.whl`.',
    ]);
  });
});

describe('the name of a wheel', () => {
  it.each(['a.whl', 'a-1-py3-none.whl', 'a-1-x-py3-none-any.whl', 'a-1-py3-none-any.zip'])(
    'is not %s',
    (name) => {
      expect(parseWheelName(name)).toBeUndefined();
    },
  );

  it('may have a build number', () => {
    const file = parseWheelName('x/A.b_c-1.0-2-py2.py3-none-any.whl');
    expect(file).toMatchObject({ name: 'a-b-c', version: '1.0', pythons: ['py2', 'py3'] });
    expect(file && rankOf(file, { python: '3.13', platform: undefined })).toBeDefined();
  });
});
