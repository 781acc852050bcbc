import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../testing/thrown.ts';
import { locateSource, nameOfSource } from './disk-source.ts';

let folder: string;
let project: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pith-source-')));
  project = join(folder, 'project');
  mkdirSync(join(project, 'conf'), { recursive: true });
  mkdirSync(join(folder, 'project-2'));
  writeFileSync(join(folder, 'secret'), '');
  writeFileSync(join(project, 'conf/app.conf'), '');
  writeFileSync(join(project, '..data'), '');
  symlinkSync('conf/app.conf', join(project, 'current'));
  symlinkSync('conf', join(project, 'settings'));
  symlinkSync('../secret', join(project, 'out'));
  symlinkSync('../../secret', join(project, 'conf/out'));
  symlinkSync('missing', join(project, 'dangling'));
  symlinkSync('loop', join(project, 'loop'));
  symlinkSync('project', join(folder, 'alias'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a source', () => {
  it.each([
    ['conf', 'conf'],
    ['./conf/', 'conf'],
    ['conf/../conf/app.conf', 'conf/app.conf'],
    ['.', ''],
    ['..data', '..data'],
    ['current', 'conf/app.conf'],
    ['settings/app.conf', 'conf/app.conf'],
  ])('%s is %s of the project', (from, path) => {
    expect(locateSource(from, project)).toBe(join(project, path));
  });

  it('may be an absolute path below the project', () => {
    expect(locateSource(join(project, 'conf'), project)).toBe(join(project, 'conf'));
  });

  it('may lie in a project that is reached by a link', () => {
    expect(locateSource('conf', join(folder, 'alias'))).toBe(join(project, 'conf'));
    expect(locateSource(join(folder, 'alias/conf'), join(folder, 'alias'))).toBe(join(project, 'conf'));
  });

  it.each(['../secret', '..', 'conf/../../secret', '/etc/passwd', '../project-2'])(
    '%s is outside the project, be it there or not',
    (from) => {
      const error = failureOf(() => locateSource(from, project));
      expect(error.code).toBe('DEFINITION_INVALID');
      expect(error.message).toBe(`${from} lies outside the project ${project}`);
      expect(error.hint).toContain('copy them there');
    },
  );

  it.each(['out', 'conf/out'])('%s leads outside by a link', (from) => {
    const error = failureOf(() => locateSource(from, project));
    expect(error.message).toBe(`${from} leads outside the project ${project}, to ${folder}/secret`);
    expect(error.hint).toContain('link');
  });

  it.each([
    ['conf/ap.conf', 'there is no file or folder conf/ap.conf', 'Did you mean app.conf?'],
    ['zzz', 'there is no file or folder zzz', 'relative to the folder of the definition'],
    ['zzz/deep', 'there is no file or folder zzz/deep', 'relative to the folder'],
    ['conf/app.conf/x', 'there is no file or folder conf/app.conf/x', 'relative to the folder'],
    ['dangling', 'dangling is a link to missing, which is not there', 'Mend the link'],
    ['loop', 'loop is a link that leads to itself', 'Name a file or folder'],
  ])('%s is not there', (from, message, hint) => {
    const error = failureOf(() => locateSource(from, project));
    expect(error).toMatchObject({ code: 'DEFINITION_INVALID', message });
    expect(error.hint).toContain(hint);
  });

  it('has the name that the definition gives it', () => {
    expect(nameOfSource({ from: './current', project })).toBe('current');
    expect(nameOfSource({ from: 'conf/', project })).toBe('conf');
  });
});
