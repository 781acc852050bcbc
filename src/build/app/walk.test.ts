import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkProject } from './walk.ts';

const LAYOUT = ['images/oci-layout', 'images/index.json', 'images/blobs/sha256/0'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-walk-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function walk(files: readonly string[], place = ''): string[] {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  return walkProject(join(folder, place), undefined).map(({ path }) => path);
}

describe('a project', () => {
  it.each<[string, string[], string[]]>([
    ['an OCI layout that was written into it', ['a', ...LAYOUT], ['a']],
    ['one deep in it', ['a', ...LAYOUT.map((path) => `dist/${path}`)], ['a']],
    [
      'a folder with only some of its names',
      ['images/oci-layout', 'images/a'],
      ['images/a', 'images/oci-layout'],
    ],
  ])('%s', (_what, files, expected) => {
    expect(walk(files).sort()).toEqual(expected);
  });

  it.each<[string, string, string[], string[]]>([
    ['node_modules', 'node_modules\n', ['package.json', 'node_modules/a/b.js'], ['node_modules/a/b.js']],
    [
      'node_modules at any depth',
      '**/node_modules/**',
      ['package.json', 'p/node_modules/a.js'],
      ['p/node_modules/a.js'],
    ],
    ['no node_modules without a package.json', 'node_modules', ['main.go', 'node_modules/a.js'], []],
    ['a virtual environment', '.venv/', ['.venv/lib/a.py'], ['.venv/lib/a.py']],
    [
      'jars, and nothing beside them',
      'target',
      ['pom.xml', 'target/a.jar', 'target/classes/A.class'],
      ['target/a.jar'],
    ],
    [
      'not what another line leaves out',
      'node_modules\n**/*.md',
      ['package.json', 'node_modules/a.md', 'node_modules/b'],
      ['node_modules/b'],
    ],
    ['not what a line for everything leaves out', '*\n!package.json', ['package.json', 'node_modules/a'], []],
  ])('shows its applications what .dockerignore names: %s', (_what, rules, files, kept) => {
    walk(files);
    writeFileSync(join(folder, '.dockerignore'), rules);
    const found = walkProject(folder, undefined).filter(({ dependencyOf }) => dependencyOf !== undefined);
    expect(found.map(({ path }) => path)).toEqual(kept);
  });

  it('is without what is left out by its place', () => {
    walk(['a', 'out/b', 'app.tar']);
    const leftOut = new Set([join(folder, 'out'), join(folder, 'app.tar')]);
    expect(walkProject(folder, undefined, leftOut).map(({ path }) => path)).toEqual(['a']);
  });

  it('comes in the order of its paths, as if they were texts', () => {
    const files = ['a/b', 'a/é', 'a-b', 'a.d/c', 'a0', 'A', 'a/b-c/d', 'a/b.js', 'ab/c', 'b'];
    expect(walk(files)).toEqual([...files].sort());
  });

  it('has names of any characters', () => {
    expect(walk(['\u{1f600}', '\ufffd', 'ä\n'])).toEqual(['ä\n', '\u{1f600}', '\ufffd']);
  });

  it('may be an OCI layout itself', () => {
    expect(walk(LAYOUT, 'images')).toHaveLength(3);
  });
});
