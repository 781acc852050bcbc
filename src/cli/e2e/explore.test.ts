import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { context } from '../../location/fixtures.ts';
import { openSink, parseLocation } from '../../location/index.ts';
import { PITH, temporaryFolder } from '../../testing/commands.ts';
import { makeImage, makeLayer } from '../../testing/layered-image.ts';
import { describeWith } from '../../testing/tools.ts';

const { folder, remove } = temporaryFolder();
const PAUSE = 50;
const PATIENCE = 400;

beforeAll(async () => {
  const layers = [
    makeLayer({
      'etc/app.conf': 'port = 80\n',
      'usr/bin/gr\u00fc\u00df': '#!/bin/sh\n',
      'usr/lib/big': 'x'.repeat(5000),
    }),
    makeLayer({ 'etc/app.conf': 'port = 8080\n', 'app/evil\x1b[31m': 'x' }),
  ];
  await openSink(parseLocation(`oci:${folder}/images:app`), context).write([
    { names: ['app'], artifact: makeImage(layers) },
  ]);
});
afterAll(remove);

/** A real terminal, with a shell in it. */
class Screen {
  static #count = 0;
  readonly #socket: string;

  constructor(columns: number, rows: number) {
    this.#socket = join(folder, `tmux-${++Screen.#count}`);
    this.#tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'bash --norc --noprofile -i');
  }

  keys(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Types a command for the shell. */
  command(line: string): void {
    this.#tmux('send-keys', '-l', line);
    this.keys('Enter');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  get text(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** With what sets colours. */
  get painted(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** Alternate screen, cursor, wrapping. */
  get modes(): string {
    return this.#tmux('display-message', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag}').trim();
  }

  async shows(pattern: RegExp): Promise<string> {
    for (let tries = 0; tries < PATIENCE; tries++) {
      const { text } = this;
      if (pattern.test(text)) return text;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Error(`The screen never showed ${pattern.source}:\n${this.text}`);
  }

  close(): void {
    this.#tmux('kill-server');
  }

  #tmux(...args: string[]): string {
    const env = {
      ...process.env,
      LC_ALL: 'C.UTF-8',
      PITH_CACHE_DIR: join(folder, 'cache'),
      NO_COLOR: '',
      TMUX: '',
    };
    return execFileSync('tmux', ['-u', '-S', this.#socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env,
    });
  }
}

describeWith('`pith inspect` on a terminal', { tools: ['tmux', 'bash', 'stty'] }, () => {
  let screen: Screen;
  const INSPECT = `sh -c 'echo $$ > pid; exec ${process.execPath} ${PITH} inspect oci:images:app'`;

  beforeEach(async () => {
    screen = new Screen(80, 24);
    screen.command(`PS1='ready> '; cd ${folder}; rm -f after crash.mjs; clear; stty -a > before`);
    await screen.shows(/^ready>$/m);
  });
  afterEach(() => {
    screen.close();
  });

  async function start(environment = ''): Promise<void> {
    screen.command(`echo above; ${environment} ${INSPECT}`);
    await screen.shows(/\? help/);
    expect(screen.modes).toBe('1 0 0');
  }

  /** Checks that the shell has its terminal as it was, with what was on it. */
  async function expectRestored(status: number): Promise<void> {
    await screen.shows(/ready>$/m);
    screen.command(`echo status=$?; stty -a > after; echo done`);
    const text = await screen.shows(/^done$/m);
    expect(text).toMatch(/^above$/m);
    expect(text).toContain(`status=${status}`);
    expect(screen.modes).toBe('0 1 1');
    const settings = (name: string): string =>
      readFileSync(join(folder, name), 'utf8').replace(/rows \d+; columns \d+;/, '');
    expect(settings('after')).toBe(settings('before'));
  }

  it('shows the image, answers keys, and leaves the terminal as it was', async () => {
    await start();
    const text = await screen.shows(/evil|app\//);
    expect(text).toContain('oci:images:app');
    expect(text).toContain('+ ▸ app/');
    screen.keys('+');
    expect(await screen.shows(/evil/)).toContain('evil\\x1b[31m');
    screen.keys('/');
    screen.keys('-l', 'port');
    await screen.shows(/search .*: port/);
    screen.keys('Escape');
    await screen.shows(/\? help/);
    screen.keys('b');
    await screen.shows(/5\.00 kB .*big/);
    screen.keys('g', 'j', 'j', 'Enter');
    screen.keys('q');
    await expectRestored(0);
  });

  it('follows the size of the terminal', async () => {
    await start();
    screen.resize(120, 40);
    await screen.shows(/help.*q quit.*extract.*packages/);
    screen.resize(40, 10);
    const small = await screen.shows(/^ \? help.{0,32}$/m);
    expect(small).not.toContain('Layers');
    screen.resize(80, 24);
    await screen.shows(/Layers/);
    screen.keys('C-c');
    await expectRestored(0);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('leaves the terminal as it was on %s', async (signal, status) => {
    await start();
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), signal);
    await expectRestored(status);
  });

  it('leaves the terminal as it was when it crashes', async () => {
    const crash = `process.on('SIGUSR2', () => { throw new Error('an unforeseen fault'); });`;
    writeFileSync(join(folder, 'crash.mjs'), crash);
    await start('NODE_OPTIONS=--import=./crash.mjs');
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGUSR2');
    expect(await screen.shows(/unforeseen fault/)).toMatch(/^above$/m);
    await expectRestored(1);
  });

  it('stops and goes on with the shell', async () => {
    await start();
    screen.keys('C-z');
    await screen.shows(/Stopped/);
    expect(screen.modes).toBe('0 1 1');
    screen.command('stty -a > after; clear; fg');
    await screen.shows(/\? help/);
    expect(readFileSync(join(folder, 'after'), 'utf8')).toBe(readFileSync(join(folder, 'before'), 'utf8'));
    screen.keys('+');
    await screen.shows(/evil/);
    screen.keys('q');
    await screen.shows(/ready>$/m);
    expect(screen.modes).toBe('0 1 1');
  });

  it('has no colours where they are not wanted, and ASCII only in such a locale', async () => {
    await start('NO_COLOR=1 LC_ALL=C');
    screen.keys('+');
    await screen.shows(/gr\\u\{fc\}\\u\{df\}/);
    expect(screen.text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(screen.painted).not.toMatch(/\x1b\[[\d;]*3[0-7][;m]/);
    screen.keys('q');
    await expectRestored(0);
  });

  it('says what there is where a pipe takes it', async () => {
    screen.command(`${INSPECT} | head -n 3; echo done`);
    expect(await screen.shows(/^done$/m)).not.toContain('? help');
    expect(screen.modes).toBe('0 1 1');
  });
});
