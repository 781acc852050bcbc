import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../testing/thrown.ts';
import { detectFiles } from './files.ts';
import { makeProject } from './fixtures.ts';

describe('files of which none runs', () => {
  it('lie in /app, and nothing starts', async () => {
    const project = makeProject({ 'index.html': '<p>', 'css/a.css': '', latest: { link: 'css' } }, 'site');
    const application = await detectFiles(project, {});
    expect(application).toMatchObject({
      kind: 'files',
      title: '3 files',
      config: { entrypoint: [], workdir: '/app' },
      needs: { binaries: [], libraries: [], certificates: false, timeZones: false },
    });
    expect(application?.layers.map(({ name, files }) => [name, [...files]])).toEqual([
      [
        'files',
        [
          ['/app/css/a.css', { path: 'css/a.css' }],
          ['/app/index.html', { path: 'index.html' }],
          ['/app/latest', { path: 'latest' }],
        ],
      ],
    ]);
    expect(application?.notes).toEqual(['nothing runs in this image: its files are in /app']);
  });

  it('are not what somebody wants to run', async () => {
    const request = { kind: 'files', main: 'a.js' } as const;
    expect(await rejectionOf(detectFiles(makeProject({ 'a.js': '' }), request))).toMatchObject({
      code: 'APP_INVALID',
      message: expect.stringContaining('a.js would not run') as string,
    });
  });

  it('are without secrets, files of tools, and what git ignores', async () => {
    const files = { a: '', '.env': '', Dockerfile: '', '.gitignore': '', 'tmp/x?': '' };
    const application = await detectFiles(makeProject(files), {});
    expect([...(application?.layers[0]?.files.keys() ?? [])]).toEqual(['/app/a']);
    expect(application?.notes.join('\n')).toMatch(/\.env is left out[^]*git ignores it: tmp\//);
  });

  it('are all there if git ignores all of them', async () => {
    const application = await detectFiles(makeProject({ 'a?': '', 'b?': '', '.gitignore': '' }), {});
    expect([...(application?.layers[0]?.files.keys() ?? [])]).toEqual(['/app/a', '/app/b']);
  });

  it('may be one, but only if that is asked for', async () => {
    const project = { ...makeProject({ 'model.bin': 'x' }), single: 'model.bin' };
    expect(await detectFiles(project, {})).toBeUndefined();
    expect(await detectFiles(project, { kind: 'files' })).toMatchObject({ title: 'one file' });
  });

  it.each([{}, { '.git/config': '', Dockerfile: '', '.env': '' }])('are none in %j', async (files) => {
    const error = await rejectionOf(Promise.resolve(detectFiles(makeProject(files, 'site'), {})));
    expect(error).toMatchObject({ code: 'APP_INVALID', message: 'site holds no file that could be packed' });
  });
});
