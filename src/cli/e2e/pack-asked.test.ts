import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Outcome, PITH, run, SHARED_CACHE } from '../../testing/commands.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith } from '../../testing/tools.ts';

/** `script` gives a program a terminal, and what is on its standard input as what is typed there. */
describeWith('on a terminal, a folder that could be several things', { tools: ['script'] }, () => {
  let bench: PackBench;
  beforeAll(async () => {
    bench = await createPackBench();
    await bench.write('several/package.json', JSON.stringify({ name: 'web', main: 'a.js' }));
    await bench.write('several/a.js', 'console.log(1)\n');
    await bench.write('several/pyproject.toml', '[project]\nname = "web"\n');
    await bench.write('several/main.py', 'print(1)\n');
  });
  afterAll(() => bench.remove());

  const answer = (typed: string, env = {}, ...more: string[]): Promise<Outcome> => {
    const command = [process.execPath, PITH, 'pack', 'several', '--explain', ...more];
    return run('script', ['--quiet', '--return', '--command', command.join(' '), '/dev/null'], {
      cwd: bench.path(),
      env: { PITH_CACHE_DIR: SHARED_CACHE, CI: undefined, ...env },
      input: typed,
    });
  };

  it.each([
    ['1', 'nodejs', /\r\nNode\.js application/],
    ['2', 'python', /\r\nPython application/],
    ['python', 'python', /\r\nPython application/],
  ])('is what is answered: %s', async (typed, kind, title) => {
    const { code, stdout } = await answer(`${typed}\n`);
    expect(stdout).toContain('pith: several could be several things');
    expect(stdout).toContain(`pith: next time: --kind ${kind}`);
    expect(stdout).toMatch(title);
    expect(code).toBe(0);
  });

  it.each([
    ['an answer that is none of them', '7\n', {}, []],
    ['no answer', '\n', {}, []],
    ['no question in CI', '1\n', { CI: '1' }, []],
    ['no question with --json', '1\n', {}, ['--json']],
  ])('is refused after %s', async (_what, typed, env, more) => {
    const { code, stdout } = await answer(typed, env, ...more);
    expect(code).toBe(6);
    expect(stdout).toContain('APP_INVALID');
    expect(stdout).not.toContain('next time');
  });
});
