import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followScript } from '../../testing/installation.ts';
import { describeWith } from '../../testing/tools.ts';

const name = fc.constantFrom('a', 'b', 'c');
const word = fc.constantFrom(
  'x',
  'y*',
  '"x y"',
  "''",
  '$a',
  '"$b"',
  '${c:-z}',
  '"${a}x"',
  '$1',
  '"$#"',
  '${b%y*}',
  '${a#x}',
  '$((1+2))',
  '$(echo q)',
  '`echo "$a"`',
  "'$a'",
  '"\\$a"',
  '$?',
);
const assignment = fc.tuple(name, word).map(([variable, value]) => `${variable}=${value}`);
const test = fc.oneof(
  fc
    .tuple(word, fc.constantFrom('=', '!='), word)
    .map(([left, operator, right]) => `[ "${bare(left)}" ${operator} "${bare(right)}" ]`),
  fc
    .tuple(fc.constantFrom('-n', '-z', '! -n'), name)
    .map(([operator, variable]) => `[ ${operator} "$${variable}" ]`),
  fc.constantFrom(
    'true',
    'false',
    '! true',
    '[ 1 -lt 2 ]',
    '[ -n "$a" -a -z "$b" ]',
    '[ "$a" = x -o "$b" = x ]',
  ),
);
const print = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => `echo ${words.join(' ')}`);

/** A word as it may stand between double quotes. */
function bare(text: string): string {
  return text.replace(/['"\\]/g, '');
}

const { command } = fc.letrec<{ command: string; list: string }>((tie) => ({
  list: fc.array(tie('command'), { minLength: 1, maxLength: 3 }).map((commands) => commands.join('\n')),
  command: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    print,
    assignment,
    fc.tuple(test, fc.constantFrom('&&', '||'), print).map((parts) => parts.join(' ')),
    fc
      .tuple(test, tie('list'), tie('list'))
      .map(([clause, one, other]) => `if ${clause}; then\n${one}\nelse\n${other}\nfi`),
    fc
      .tuple(name, fc.array(word, { maxLength: 3 }), tie('list'))
      .map(([variable, words, body]) => `for ${variable} in ${words.join(' ')}; do\n${body}\ndone`),
    fc
      .tuple(word, fc.constantFrom('x', 'y*', '?', '[a-x]', '"x y"', "''"), tie('list'), tie('list'))
      .map(([value, pattern, one, other]) => `case ${value} in\n${pattern}) ${one} ;;\n*) ${other} ;;\nesac`),
    fc
      .tuple(fc.constantFrom('f', 'g'), tie('list'), word)
      .map(([called, body, value]) => `${called}() {\n${body}\nreturn 3\n}\n${called} ${value} p; echo $?`),
    tie('list').map((body) => `(\n${body}\n)`),
    tie('list').map((body) => `a=$(\n${body}\n)`),
    fc
      .tuple(tie('list'), name)
      .map(([body, variable]) => `{\n${body}\n} | while read ${variable}; do echo "[$${variable}]"; done`),
    fc.constantFrom(
      'set -- p "q r" s',
      'shift',
      'unset b',
      'set -- $a "$b"',
      'echo "$@"',
      'for c; do echo "$c"; done',
    ),
  ),
}));

/** A depth that the test's own functions cannot reach, so that a call of itself ends. */
function isFinite(script: string): boolean {
  return !/\b[fg]\(\)[\s\S]*\b[fg]\b[\s\S]*\b[fg]\b[\s\S]*\}/.test(script);
}

describeWith('scripts of assignments, tests, loops, cases and functions', { tools: ['sh'] }, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pith-shell-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('print what they print in the shell of the machine', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 4 }), async (commands) => {
        const script = commands.join('\n');
        fc.pre(isFinite(script) && script.length < 2000);
        const done = spawnSync('sh', ['-c', script, 'script', 'configure', ''], {
          encoding: 'utf8',
          cwd: folder,
          env: { PATH: process.env['PATH'] ?? '' },
        });
        // Longer texts count as unknown.
        fc.pre(done.stdout.length < 8000);
        const { made } = await followScript(`cd /empty\n{\n${script}\n} > /etc/out`, {
          etc: 'folder',
          empty: 'folder',
        });
        const text = /^-0644 0:0 etc\/out (".*")$/.exec(made[0] ?? '')?.[1] ?? 'null';
        expect(JSON.parse(text)).toBe(done.stdout);
      }),
      { numRuns: 200 },
    );
  });
});
