import { openSync, closeSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from './state.ts';
import { Terminal } from './terminal.ts';

const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';

describe('a terminal', () => {
  let folder: string;
  let fd: number;
  let input: PassThrough & { setRawMode: (isRaw: boolean) => void };
  let output: PassThrough & { fd: number; columns: number; rows: number };
  let modes: boolean[];
  let events: (Event | 'end')[];
  let terminal: Terminal;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pith-terminal-'));
    fd = openSync(join(folder, 'written'), 'w');
    [modes, events] = [[], []];
    input = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => void modes.push(isRaw) });
    output = Object.assign(new PassThrough(), { fd, columns: 80, rows: 24 });
    terminal = new Terminal(input, output, {
      onEvent: (event) => events.push(event),
      onEnd: () => events.push('end'),
    });
    terminal.open();
  });
  afterEach(() => {
    terminal.close();
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  async function typed(text: string): Promise<(string | undefined)[]> {
    input.write(text);
    await new Promise((resolve) => setTimeout(resolve, 80));
    return events.map((event) => (event === 'end' ? event : event.kind === 'key' ? event.key : event.kind));
  }

  it.each<[string, string[]]>([
    ['aG?/', ['a', 'G', '?', '/']],
    [' ', ['Space']],
    ['ä日😀', ['ä', '日', '😀']],
    ['\r\n', ['Enter', 'Enter']],
    ['\x1b[A\x1b[B\x1bOC\x1b[D', ['Up', 'Down', 'Right', 'Left']],
    ['\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[1~\x1b[4~', ['PageUp', 'PageDown', 'Home', 'End', 'Home', 'End']],
    ['\x01\x03\x06\x1a', ['Ctrl+A', 'Ctrl+C', 'Ctrl+F', 'Ctrl+Z']],
    ['\t\x1b[Z', ['Tab', 'Shift+Tab']],
    ['\x7f', ['Backspace']],
    ['\x00', ['Ctrl+Space']],
    ['\x1b', ['Esc']],
    ['\x1b[99;99x\x1b]0;x', ['0', ';', 'x']],
  ])('tells keys apart: %j is %j', async (text, keys) => {
    expect((await typed(text)).slice(-keys.length)).toEqual(keys);
  });

  it('gives pasted text as one, whatever is in it', async () => {
    await typed('\x1b[200~q\x03\nx\x1b[201~');
    expect(events).toEqual([{ kind: 'paste', text: 'q\x03\nx' }]);
  });

  it('says what a key types', async () => {
    await typed('a \x01');
    expect(events).toEqual([
      { kind: 'key', key: 'a', text: 'a' },
      { kind: 'key', key: 'Space', text: ' ' },
      { kind: 'key', key: 'Ctrl+A' },
    ]);
  });

  it('draws what changed, and everything after a change of size', () => {
    terminal.draw(['one', 'two']);
    output.read();
    terminal.draw(['one', 'three']);
    expect(String(output.read())).toBe('\x1b[2;1Hthree\x1b[0m\x1b[K');
    output.emit('resize');
    expect(events).toEqual([{ kind: 'resize', size: { columns: 80, rows: 24 } }]);
    terminal.draw(['one', 'three']);
    expect(String(output.read())).toContain('\x1b[1;1Hone');
  });

  it('is left as it was', () => {
    expect(modes).toEqual([true]);
    terminal.close();
    terminal.close();
    expect(modes).toEqual([true, false]);
    expect(readFileSync(join(folder, 'written'), 'utf8')).toBe(LEAVE);
    expect(input.listenerCount('data')).toBe(0);
  });

  it('is left as it was when the process ends by itself', () => {
    const before = process.listeners('exit');
    before.at(-1)?.call(process, 1);
    expect(modes).toEqual([true, false]);
    expect(readFileSync(join(folder, 'written'), 'utf8')).toBe(LEAVE);
  });

  it('listens to no signal afterwards', () => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGCONT', 'exit'];
    const counts = signals.map((signal) => process.listenerCount(signal));
    terminal.close();
    expect(signals.map((signal) => process.listenerCount(signal))).toEqual(counts.map((count) => count - 1));
  });

  it('ends with its input', async () => {
    input.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toEqual(['end']);
  });
});
