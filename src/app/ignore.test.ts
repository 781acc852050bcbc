import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/thrown.ts';
import { describeWith } from '../testing/tools.ts';
import { createIgnore, type Ignore } from './ignore.ts';

const none = new Map<string, string>();
const docker = (...lines: string[]): Ignore =>
  createIgnore({ dockerignore: lines.join('\n'), gitignores: none });
const git = (files: Record<string, string>): Ignore =>
  createIgnore({ gitignores: new Map(Object.entries(files)) });

describe('.dockerignore', () => {
  it.each<[string, string[], string[], string[]]>([
    ['a name is one at the top', ['temp'], ['temp', 'temp/a', 'temp/b/c'], ['temps', 'a/temp']],
    ['slashes around it do not count', ['/foo/bar/'], ['foo/bar', 'foo/bar/x'], ['foo', 'bar']],
    ['* stays within a name', ['*/temp*'], ['a/temporary.txt', 'a/temp', 'a/temp/x'], ['temp', 'a/b/temp']],
    ['? is one character', ['temp?'], ['tempa', 'temp€'], ['temp', 'tempab', 'temp/']],
    ['** is any number of folders', ['**/*.go'], ['a.go', 'a/b/c.go'], ['a.gob']],
    ['** at the end is all below', ['a/**'], ['a/b', 'a/b/c'], ['a', 'b']],
    ['** in the middle', ['a/**/b'], ['a/b', 'a/x/b', 'a/x/y/b/z'], ['ab', 'a/xb']],
    ['the last match decides', ['*.md', '!README.md'], ['a.md'], ['README.md']],
    ['the last match decides the other way', ['!README.md', '*.md'], ['README.md'], []],
    [
      'an exception holds below, too',
      ['*', '!src', 'src/*.test.ts'],
      ['a', 'src/a.test.ts'],
      ['src', 'src/a.ts', 'src/b/c'],
    ],
    ['comments, empty lines and `.` do nothing', ['# a', '', '  ', '.', 'b'], ['b'], ['a', '# a', '.x']],
    ['spaces around a pattern', ['  a b  ', '! a b/c '], ['a b'], ['a b/c']],
    ['a byte order mark and CRLF', ['\uFEFFa\r', 'b\r'], ['a', 'b'], ['c']],
    ['a # behind the start is a name', [' #a'], ['#a'], []],
    ['. and .. are followed', ['./a/../b', '/../c'], ['b', 'c'], ['a']],
    ['classes', ['[a-c]x', '[^0-9]y', '[\\]]z'], ['ax', 'cx', 'by', ']z'], ['dx', '1y', '[z']],
    ['a backslash takes the meaning away', ['\\*.c', '\\!a'], ['*.c', '!a'], ['b.c', 'a']],
    [
      'what means something to expressions does not here',
      ['c++', '(a|b)', 'x{2}', '$^'],
      ['c++', '(a|b)', 'x{2}', '$^'],
      ['cc', 'a', 'xx'],
    ],
    ['letter case counts', ['Temp'], ['Temp'], ['temp']],
  ])('%s', (_title, lines, out, left) => {
    const { isExcluded } = docker(...lines);
    expect([...out, ...left].filter((path) => isExcluded(path, false))).toEqual(out);
  });

  it.each([['!'], [' ! '], ['[a'], ['a\\'], ['[]'], ['[z-a]']])('refuses %j, as Docker does', (line) => {
    const error = failureOf(() => docker('good', line));
    expect([error.code, error.message]).toEqual(['APP_INVALID', expect.stringContaining('line 2 is no')]);
  });

  it('leaves out what belongs to version control, at any depth, unless it is taken back in', () => {
    const all = ['.git', '.git/config', 'a/.git', 'a/.git/HEAD', '.hg', '.svn/x', '.bzr', 'a/b/.DS_Store'];
    expect(all.filter((path) => docker().isExcluded(path, false))).toEqual(all);
    expect(docker('!**/.git').isExcluded('a/.git/HEAD', false)).toBe(false);
    expect(docker('!.git/HEAD').isExcluded('.git/HEAD', false)).toBe(false);
    expect(docker('!.git/HEAD').isExcluded('.git/config', false)).toBe(true);
    expect(docker().isExcluded('.github/x', false)).toBe(false);
    expect(docker().isExcluded('.gitignore', false)).toBe(false);
  });

  it.each<[string[], string, boolean]>([
    [['a'], 'b', true],
    [['a'], 'a', false],
    [['a', '!a/keep'], 'a', true],
    [['a', '!a/keep'], 'a/other', false],
    [['a', '!a/*/keep'], 'a/other', true],
    [['a', '!b/keep'], 'a', false],
    [['*', '!**/keep'], 'a/b/c', true],
    [['*', '!a/**/x'], 'b', false],
    [['!a/keep', 'a'], 'a', false],
    [['*', '!a/b/c'], 'a/b', true],
    [['*', '!a/b'], 'a/b/c', true],
  ])('%j: whether %s may hold something: %s', (lines, folder, expected) => {
    expect(docker(...lines).mayHoldIncluded(folder)).toBe(expected);
  });

  it('never skips a folder that holds what is taken back in', () => {
    const part = fc.constantFrom('a', 'b', '*', '**', '?', 'a*', '[ab]');
    const pattern = fc
      .tuple(fc.constantFrom('', '!'), fc.array(part, { minLength: 1, maxLength: 4 }))
      .map(([sign, parts]) => sign + parts.join('/'));
    const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), path, (lines, names) => {
        const { isExcluded, mayHoldIncluded } = docker(...lines);
        if (isExcluded(names.join('/'), false)) return;
        for (let depth = 1; depth < names.length; depth++)
          expect(mayHoldIncluded(names.slice(0, depth).join('/'))).toBe(true);
      }),
    );
  });
});

describe('.gitignore', () => {
  it.each<[string, Record<string, string>, string[], string[]]>([
    ['a name at any depth', { '': 'dist' }, ['dist', 'a/dist', 'a/dist/x'], ['distr']],
    ['a slash ties to the folder', { '': '/dist\na/b' }, ['dist', 'a/b'], ['x/dist', 'x/a/b']],
    ['a nearer file comes first', { '': '*.log', a: '!keep.log' }, ['x.log', 'a/x.log'], ['a/keep.log']],
    [
      'rules of a folder are for what is below',
      { a: '/x\ny' },
      ['a/x', 'a/b/y'],
      ['x', 'y', 'a/b/x', 'b/a/x'],
    ],
    ['what is in an ignored folder stays ignored', { '': 'a/\n!a/x' }, ['a/x'], ['x']],
    [
      'a folder that is taken back in',
      { '': 'b/\n*.log', a: '!b/' },
      ['b/x', 'a/b/x.log'],
      ['a/b/x', 'a/b/c/d'],
    ],
    [
      'folders with odd names',
      { 'a[1]!': 'x', ' b ': '/y', '#c': 'z/w' },
      ['a[1]!/x', ' b /y', '#c/z/w'],
      ['a1/x', 'c/z/w'],
    ],
    ['names of dots', { '': '...' }, ['...', 'a/.../b'], ['....', '.../'.slice(0, 2)]],
    ['letter case counts', { '': 'Dist' }, ['Dist'], ['dist']],
    [
      'comments and escapes',
      { '': '# x\n\\#y\n\\!z', a: '\\!w\n\\#v' },
      ['#y', '!z', 'a/!w', 'a/#v'],
      ['x', 'w'],
    ],
  ])('%s', (_title, files, out, left) => {
    const { isIgnoredByGit } = git(files);
    expect([...out, ...left].filter((path) => isIgnoredByGit(path, false))).toEqual(out);
  });

  it('tells folders from files', () => {
    const { isIgnoredByGit } = git({ '': 'build/' });
    expect([isIgnoredByGit('build', true), isIgnoredByGit('build', false)]).toEqual([true, false]);
  });
});

describeWith('git itself', { tools: ['git'] }, () => {
  it('ignores the same', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pith-ignore-'));
    try {
      const names = ['a', 'b', 'ab', 'x.log', '#c', 'd e'];
      const paths = names.flatMap((one) =>
        names.flatMap((two) => names.map((three) => [one, two, three].join('/'))),
      );
      for (const path of paths) {
        mkdirSync(join(folder, dirname(path)), { recursive: true });
        writeFileSync(join(folder, path), '');
      }
      execFileSync('git', ['init', '-q'], { cwd: folder });
      const part = fc.constantFrom('a', 'b', '*', '**', 'a*', '*.log', '[!a]', '?', '\\#c', 'd e', '#c');
      const line = fc
        .tuple(
          fc.constantFrom('', '', '!', '/', '!/'),
          fc.array(part, { minLength: 1, maxLength: 3 }),
          fc.constantFrom('', '/', ' '),
        )
        .map(([start, parts, end]) => start + parts.join('/') + end);
      const text = fc.array(line, { maxLength: 4 }).map((lines) => lines.join('\n'));
      const files = fc.record({ '': text, a: text, 'a/b': text, 'd e': text });
      fc.assert(
        fc.property(files, (contents) => {
          for (const [place, content] of Object.entries(contents))
            writeFileSync(join(folder, place, '.gitignore'), content);
          const kept = execFileSync('git', ['ls-files', '-z', '--others', '--exclude-standard'], {
            cwd: folder,
          });
          const expected = new Set(kept.toString().split('\0'));
          const { isIgnoredByGit } = git(contents);
          const wrong = paths.filter((path) => isIgnoredByGit(path, false) === expected.has(path));
          expect(wrong).toEqual([]);
        }),
        { numRuns: 40 },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
