import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Store } from '../store/index.ts';
import { makeElf } from '../testing/elf.ts';
import type { LayerFiles } from '../testing/layered-image.ts';
import { checkRebase, type RebaseRow } from '../testing/rebase.ts';

const folder = mkdtempSync(join(tmpdir(), 'pith-rebase-'));
const store = Store.open(folder);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const LIB = 'usr/lib/x86_64-linux-gnu';
const library = (...definitions: string[]): Buffer => makeElf({ soname: 'libx.so.1', definitions });
const program = makeElf({
  type: 2,
  needed: ['libx.so.1'],
  versions: { 'libx.so.1': ['LIBX_1.0', 'LIBX_2.0', 'LIBX_9?'] },
});

describe('libraries', () => {
  const full = library('LIBX_1.0', 'LIBX_2.0');
  it.each<RebaseRow>([
    [
      'may be elsewhere where the loader finds them',
      {
        before: { [`${LIB}/libx.so.1`]: full },
        after: { 'usr/lib/libx.so.1': full },
        own: { 'app/p': program },
      },
      [],
    ],
    [
      'must be there',
      { before: { [`${LIB}/libx.so.1`]: full }, own: { 'app/p': program } },
      ['libraries: /app/p needs libx.so.1, which the new base does not have'],
    ],
    [
      'must be where the loader looks',
      { before: { [`${LIB}/libx.so.1`]: full }, after: { 'opt/libx.so.1': full }, own: { 'app/p': program } },
      [
        'libraries: /app/p needs libx.so.1, which the new base has only where the loader does not look (/opt/libx.so.1)',
      ],
    ],
    [
      'may be where the configuration says',
      {
        before: { [`${LIB}/libx.so.1`]: full },
        after: { 'opt/libx.so.1': full, 'etc/ld.so.conf.d/x.conf': '/opt\n' },
        own: { 'app/p': program },
      },
      [],
    ],
    [
      'may be in LD_LIBRARY_PATH',
      {
        before: { [`${LIB}/libx.so.1`]: full },
        after: { 'opt/libx.so.1': full },
        own: { 'app/p': program },
        config: { Env: ['LD_LIBRARY_PATH=/opt'] },
      },
      [],
    ],
    [
      'may be where the application says',
      {
        before: { 'opt/libx.so.1': full },
        after: { 'opt/libx.so.1': full },
        own: { 'etc/ld.so.conf.d/x.conf': '/opt\n', 'app/p': program },
      },
      [],
    ],
    [
      'may have been missing before',
      { own: { 'app/p': program } },
      ['note: /app/p needs libx.so.1, which neither base has'],
    ],
    [
      'that others load first must not go either',
      { before: { 'opt/libx.so.1': full }, own: { 'app/p': program } },
      ['libraries: /app/p needs libx.so.1 once another program has loaded it; the new base has it nowhere'],
    ],
    ['may be the application’s own', { own: { 'app/p': program, [`${LIB}/libx.so.1`]: full } }, []],
    [
      'of the base itself are not looked at',
      { before: { p: program, 'usr/lib/libx.so.1': full }, after: { p: program } },
      [],
    ],
    [
      'must have the versions',
      {
        before: { [`${LIB}/libx.so.1`]: full },
        after: { [`${LIB}/libx.so.1`]: library('LIBX_1.0') },
        own: { 'app/p': program },
      },
      [
        `versions: /app/p needs LIBX_2.0 of libx.so.1, which /${LIB}/libx.so.1 of the new base does not define`,
      ],
    ],
    [
      'may lack versions that they lacked before',
      {
        before: { [`${LIB}/libx.so.1`]: library('LIBX_1.0') },
        after: { [`${LIB}/libx.so.1`]: library('LIBX_1.0', 'LIBX_3.0') },
        own: { 'app/p': program },
      },
      [
        `note: /app/p needs LIBX_2.0 of libx.so.1, which /${LIB}/libx.so.1 of the new base does not define; on the old base it was no better`,
      ],
    ],
    [
      'must have the loader',
      {
        before: { 'lib64/ld.so': makeElf() },
        own: { 'app/p': makeElf({ type: 2, interpreter: '/lib64/ld.so' }) },
      },
      ['libraries: /app/p needs /lib64/ld.so, which the new base does not have'],
    ],
    [
      'of damaged files are not looked at',
      {
        before: { [`${LIB}/libx.so.1`]: full },
        own: { 'app/p': program.subarray(0, 200), 'app/q': '\u007fELF' },
      },
      [],
    ],
    [
      'of an architecture that is not known are not looked at',
      { platform: 'linux/loong64', before: { [`${LIB}/libx.so.1`]: full }, own: { 'app/p': program } },
      ['note: libraries were not looked at: how linux/loong64 finds them is not known'],
    ],
  ])('%s', async (_what, example, said) => {
    expect(await checkRebase(example, store)).toEqual(said);
  });
});

const RUN = { mode: 0o755, content: 'x' };

describe('programs', () => {
  const script = (line: string): LayerFiles => ({ 'app/run': { mode: 0o755, content: `${line}\nbody` } });
  it.each<RebaseRow>([
    [
      'that are started must be there',
      { before: { 'usr/bin/java': RUN }, config: { Entrypoint: ['/usr/bin/java', '-jar', 'x'] } },
      ['programs: the command /usr/bin/java would not be there on the new base'],
    ],
    [
      'that are started may be elsewhere on PATH',
      {
        before: { 'usr/bin/java': RUN },
        after: { 'opt/bin/java': RUN },
        config: { Cmd: ['java'], Env: ['PATH=/usr/bin:/opt/bin'] },
      },
      [],
    ],
    [
      'that are started must be on PATH',
      { before: { 'usr/bin/java': RUN }, after: { 'opt/bin/java': RUN }, config: { Cmd: ['java'] } },
      ['programs: the command java would not be there on the new base'],
    ],
    ['that were not there before may not be there', { config: { Cmd: ['/none'] } }, []],
    [
      'may be the application’s own',
      { own: { 'app/x': RUN }, config: { WorkingDir: '/app', Cmd: ['./x'] } },
      [],
    ],
    [
      'that run scripts must be there',
      { before: { 'bin/sh': RUN }, own: script('#! /bin/sh -e') },
      ['programs: the script /app/run is run by /bin/sh, which the new base does not have'],
    ],
    [
      'that run scripts may be there',
      {
        before: { 'bin/sh': RUN },
        after: { 'bin/sh': '-> dash', 'bin/dash': RUN },
        own: script('#!/bin/sh'),
      },
      [],
    ],
    ['that run scripts may have been missing', { own: script('#!/bin/sh') }, []],
    [
      'that env looks for must be there',
      {
        before: { 'usr/bin/env': RUN, 'usr/bin/node': RUN },
        after: { 'usr/bin/env': RUN },
        own: script('#!/usr/bin/env -S A=b node --flag'),
      },
      ['programs: the script /app/run is run by node, which the new base does not have'],
    ],
    [
      'of what is not executable do not matter',
      { before: { 'bin/sh': RUN }, own: { 'app/lib': '#!/bin/sh\n' } },
      [],
    ],
  ])('%s', async (_what, example, said) => {
    expect(await checkRebase(example, store)).toEqual(said);
  });
});

describe('links of the application', () => {
  it.each<RebaseRow>([
    [
      'must lead to what they led to',
      { before: { 'usr/bin/python3': RUN }, own: { 'venv/bin/python': '-> /usr/bin/python3' } },
      ['links: the link /venv/bin/python leads to /usr/bin/python3, which the new base does not have'],
    ],
    ['may lead to nothing if they did', { own: { 'dev/log': '-> /run/log' } }, []],
    [
      'must have the file that they repeat',
      { before: { x: 'x' }, own: { y: { type: 'hardlink', linkName: 'x' } } },
      ['links: the link /y leads to /x, which the new base does not have'],
    ],
  ])('%s', async (_what, example, said) => {
    expect(await checkRebase(example, store)).toEqual(said);
  });
});

describe('accounts that the image runs as', () => {
  const passwd = (text: string): LayerFiles => ({ 'etc/passwd': `root:x:0:0::/:/\n${text}\n` });
  const group = (text: string): LayerFiles => ({ 'etc/group': `${text}\n` });
  it.each<RebaseRow>([
    ['may be numbers', { before: passwd('app:x:5:5::/:/'), after: passwd(''), config: { User: '5:5' } }, []],
    [
      'must have their names',
      { before: passwd('app:x:5:5::/:/'), after: passwd(''), config: { User: 'app' } },
      ['accounts: the user app that the image runs as would not be in /etc/passwd of the new base'],
    ],
    [
      'must have their numbers',
      { before: passwd('app:x:5:5::/:/'), after: passwd('app:x:6:6::/:/'), config: { User: 'app' } },
      ['accounts: the user app that the image runs as has the number 6 in the new base, not 5'],
    ],
    [
      'have groups',
      { before: group('app:x:5:'), after: group('app:x:7:'), config: { User: '0:app' } },
      ['accounts: the group app that the image runs as has the number 7 in the new base, not 5'],
    ],
    ['may have been unknown', { config: { User: 'app' } }, []],
  ])('%s', async (_what, example, said) => {
    expect(await checkRebase(example, store)).toEqual(said);
  });
});
