import { describe, expect, it } from 'vitest';
import { makeElf } from '../testing/elf.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { detectApplications } from './detect.ts';
import { makeProject, type Content } from './fixtures.ts';
import type { AppRequest } from './model.ts';

const server: Content = { program: makeElf({ type: 2, isStatic: true }) };
const node = { 'package.json': '{"main":"server.js"}', 'server.js': 'http.createServer().listen(80)' };

async function kinds(files: Record<string, Content>, request: AppRequest = {}): Promise<string[]> {
  return (await detectApplications(makeProject(files), request)).map(({ kind }) => kind);
}

describe('the applications of a project', () => {
  it.each<[string, Record<string, Content>, string[]]>([
    ['a program', { server }, ['native']],
    ['Node.js', node, ['nodejs']],
    ['Node.js with a program', { ...node, server }, ['nodejs', 'native']],
    ['Node.js beside sources of Go that are not built', { ...node, 'go.mod': 'module x' }, ['nodejs']],
    ['a web site', { 'index.html': '<p>', 'deploy.sh': { program: '#!/bin/sh' } }, ['files']],
  ])('%s', async (_title, files, expected) => {
    expect(await kinds(files)).toEqual(expected);
  });

  it('have what is installed, though .dockerignore names it', async () => {
    const kept = { dependencyOf: 'nodejs' } as const;
    const project = makeProject({
      'package.json': '{"main":"a.js","dependencies":{"x":"1"}}',
      'a.js': 'require("x")',
      'node_modules/x/package.json': '{}',
    });
    const files = [...project.files].map(
      ([path, file]) => [path, path.startsWith('node_modules') ? { ...file, ...kept } : file] as const,
    );
    const [found] = await detectApplications({ ...project, files: new Map(files) }, {});
    expect(found?.evidence.at(-1)).toBe(
      'node_modules: packed though .dockerignore names it, for what is installed or built is what runs',
    );
    const other = makeProject({ server, 'node_modules/y': '' });
    const seen = [...other.files].map(
      ([path, file]) => [path, path === 'server' ? file : { ...file, ...kept }] as const,
    );
    const [native] = await detectApplications({ ...other, files: new Map(seen) }, {});
    expect([...(native?.layers[0]?.files.keys() ?? [])]).toEqual(['/app/server']);
  });

  it('are of the kind that is asked for', async () => {
    expect(await kinds({ ...node, server }, { kind: 'native' })).toEqual(['native']);
    expect(await kinds({ ...node, server }, { kind: 'files' })).toEqual(['files']);
    const error = await rejectionOf(detectApplications(makeProject(node), { kind: 'native' }));
    expect(error.message).toBe('project is not an ELF program');
  });

  it('that cannot run are no mere files', async () => {
    const error = await rejectionOf(
      detectApplications(makeProject({ 'go.mod': 'module x', 'a.html': '' }), {}),
    );
    expect(error.message).toContain('go.mod');
    expect(error.hint).toContain('go build');
  });

  it('say why each of several cannot run', async () => {
    const files = { 'go.mod': 'module x', 'package.json': '{' };
    const error = await rejectionOf(detectApplications(makeProject(files), {}));
    expect(error.message).toMatch(/package\.json.*; or: .*go\.mod/);
    expect(error.hint).toContain('go build');
  });

  it.each<[string, AppRequest, RegExp]>([
    ['no file', {}, /holds no file/],
    ['one that is not there', { main: 'serve' }, /serve is not among the files/],
    ['one that nobody can start', { main: 'data.bin' }, /data\.bin is nothing that pith knows/],
  ])('are not found: %s', async (_title, request, message) => {
    const files = request.main === undefined ? {} : { server, 'data.bin': 'x' };
    const error = await rejectionOf(detectApplications(makeProject(files), request));
    expect(error.code).toBe('APP_INVALID');
    expect(error.message).toMatch(message);
  });

  it('a single file that nobody can start is refused, unless as a file', async () => {
    const project = { ...makeProject({ 'data.bin': 'x' }, 'data.bin'), single: 'data.bin' };
    const error = await rejectionOf(detectApplications(project, {}));
    expect(error.hint).toContain('--kind files');
    expect(await detectApplications(project, { kind: 'files' })).toHaveLength(1);
  });
});
