import { describe, expect, it } from 'vitest';
import { makeElf } from '../../testing/elf.ts';
import { found } from '../../testing/checked.ts';
import type { LayerFiles, TestImage } from '../../testing/layered-image.ts';

const LOADER = '/lib64/ld-linux-x86-64.so.2';
const STATIC = makeElf({ type: 2, isStatic: true });
const PROGRAM = { mode: 0o755, content: STATIC };
const LINKED = makeElf({
  interpreter: LOADER,
  needed: ['libc.so.6'],
  versions: { 'libc.so.6': ['GLIBC_2.38'] },
});
const LIBC = {
  'lib64/ld-linux-x86-64.so.2': { mode: 0o755, content: makeElf({ soname: 'ld-linux-x86-64.so.2' }) },
  'lib/x86_64-linux-gnu/libc.so.6': makeElf({
    soname: 'libc.so.6',
    definitions: ['GLIBC_2.36', 'GLIBC_2.38'],
  }),
};
const OLD_LIBC = {
  ...LIBC,
  'lib/x86_64-linux-gnu/libc.so.6': makeElf({ soname: 'libc.so.6', definitions: ['GLIBC_2.36'] }),
};
const SHELL = { mode: 0o755, content: STATIC };
const PASSWD = {
  'etc/passwd': 'root:x:0:0::/root:/x\napp:x:1000:1000::/home:/x\n',
  'etc/group': 'root:x:0:\napp:x:1000:\n',
};

interface Case {
  readonly what: string;
  readonly files?: LayerFiles;
  readonly config: TestImage['config'];
  readonly finds: readonly string[];
}

const starts = (...Entrypoint: string[]): { Entrypoint: string[] } => ({ Entrypoint });

/** By rule: images with the fault and their sound twins. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  'root-user': [
    { what: 'no user', config: starts('/app'), finds: ['config.User: no user is set, which means root'] },
    {
      what: 'root by number',
      config: { ...starts('/app'), User: '0:5' },
      finds: ['config.User: the user is 0:5, which is root'],
    },
    {
      what: 'root by name',
      files: PASSWD,
      config: { ...starts('/app'), User: 'root' },
      finds: ['config.User: the user is root, which is root'],
    },
    {
      what: 'another name for root',
      files: { 'etc/passwd': 'toor:x:0:0::/:/x\n' },
      config: { ...starts('/app'), User: 'toor' },
      finds: ['config.User: the user is toor, which is root'],
    },
    {
      what: 'a program that a runtime is given',
      files: { 'usr/bin/node': PROGRAM },
      config: starts('node', '/app.js'),
      finds: ['config.User: no user is set, which means root'],
    },
    {
      what: 'a line for a shell',
      files: { 'bin/sh': SHELL },
      config: starts('/bin/sh', '-c', 'app'),
      finds: ['config.User: no user is set, which means root'],
    },
    { what: 'sound: a number', config: { ...starts('/app'), User: '65532' }, finds: [] },
    { what: 'sound: a base that starts nothing', config: {}, finds: [] },
    {
      what: 'sound: a base that starts a runtime without a program',
      files: { 'usr/bin/java': PROGRAM },
      config: starts('/usr/bin/java', '-jar'),
      finds: [],
    },
    {
      what: 'sound: a runtime behind a link',
      files: { 'usr/bin/run': '-> python3.13', 'usr/bin/python3.13': PROGRAM },
      config: starts('/usr/bin/run'),
      finds: [],
    },
  ],
  'user-without-number': [
    {
      what: 'a name',
      files: PASSWD,
      config: { User: 'app' },
      finds: ['config.User: the user is app, not its number 1000'],
    },
    { what: 'sound: a number', files: PASSWD, config: { User: '1000:app' }, finds: [] },
    { what: 'sound: root, who is told elsewhere', files: PASSWD, config: { User: 'root' }, finds: [] },
  ],
  'unknown-user': [
    {
      what: 'a name that is not there',
      files: PASSWD,
      config: { User: 'ap' },
      finds: ['config.User: the user ap is not in /etc/passwd'],
    },
    {
      what: 'a group that is not there',
      files: PASSWD,
      config: { User: 'app:web' },
      finds: ['config.User: the group web is not in /etc/group'],
    },
    {
      what: 'no accounts at all',
      config: { User: 'app' },
      finds: ['config.User: the user app is not in /etc/passwd'],
    },
    { what: 'sound: both are there', files: PASSWD, config: { User: 'app:root' }, finds: [] },
    { what: 'sound: numbers need no account', config: { User: '7:8' }, finds: [] },
  ],
  'command-missing': [
    {
      what: 'nothing there',
      config: starts('/app/server'),
      finds: ['config.Entrypoint: /app/server cannot be started: /app/server is not there'],
    },
    {
      what: 'a folder',
      files: { 'app/server': 'folder' },
      config: starts('/app/server'),
      finds: ['config.Entrypoint: /app/server cannot be started: /app/server is a folder'],
    },
    {
      what: 'not in PATH',
      files: { 'opt/app': PROGRAM },
      config: { Cmd: ['app'], Env: ['PATH=/bin:/usr/bin'] },
      finds: ['config.Cmd: app cannot be started: it is in no folder of PATH (/bin:/usr/bin)'],
    },
    {
      what: 'a dangling link',
      files: { app: '-> /opt/app' },
      config: starts('/app'),
      finds: [
        'config.Entrypoint: /app cannot be started: the link /app leads to /opt/app, which is not there',
      ],
    },
    {
      what: 'links in a circle',
      files: { a: '-> b', b: '-> a' },
      config: starts('/a'),
      finds: ['config.Entrypoint: /a cannot be started: the links of /a lead in a circle'],
    },
    {
      what: 'a hard link to nothing',
      files: { app: { type: 'hardlink', linkName: 'gone' } },
      config: starts('/app'),
      finds: ['config.Entrypoint: /app cannot be started: what /app repeats is not there'],
    },
    {
      what: 'the program of a health check',
      files: { app: PROGRAM },
      config: { ...starts('/app'), Healthcheck: { Test: ['CMD', 'curl', 'localhost'] } },
      finds: [
        'config.Healthcheck.Test: curl cannot be started: it is in no folder of PATH (/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)',
      ],
    },
    {
      what: 'a name that acts on terminals',
      config: starts('/\u001b[2J'),
      finds: ['config.Entrypoint: /\\x1b[2J cannot be started: /\\x1b[2J is not there'],
    },
    { what: 'sound: absolute', files: { app: PROGRAM }, config: starts('/app'), finds: [] },
    {
      what: 'sound: from the working folder',
      files: { 'srv/app': PROGRAM },
      config: { ...starts('./app'), WorkingDir: '/srv' },
      finds: [],
    },
    { what: 'sound: in PATH', files: { 'usr/bin/app': PROGRAM }, config: starts('app'), finds: [] },
    {
      what: 'sound: through links, never out of the root',
      files: { 'x/app': '-> ../../../opt/app', 'opt/app': PROGRAM },
      config: starts('/x/app'),
      finds: [],
    },
    { what: 'sound: no command', config: {}, finds: [] },
  ],
  'command-not-executable': [
    {
      what: 'no right for anybody',
      files: { app: { mode: 0o644, content: STATIC } },
      config: starts('/app'),
      finds: ['app: user 0 may not execute it: mode 0644, owner 0:0'],
    },
    {
      what: 'only for root',
      files: { app: { mode: 0o700, content: STATIC } },
      config: { ...starts('/app'), User: '65532' },
      finds: ['app: user 65532 may not execute it: mode 0700, owner 0:0'],
    },
    {
      what: 'a closed folder',
      files: { root: { type: 'directory', mode: 0o700 }, 'root/app': PROGRAM },
      config: { ...starts('/root/app'), User: '65532' },
      finds: ['root/app: user 65532 may not enter /root'],
    },
    {
      what: 'the owner has fewer rights than others',
      files: { app: { mode: 0o655, uid: 9, content: STATIC } },
      config: { ...starts('/app'), User: '9' },
      finds: ['app: user 9 may not execute it: mode 0655, owner 9:0'],
    },
    {
      what: 'sound: for all',
      files: { app: PROGRAM },
      config: { ...starts('/app'), User: '65532' },
      finds: [],
    },
    {
      what: 'sound: by the group',
      files: { app: { mode: 0o750, gid: 7, content: STATIC } },
      config: { ...starts('/app'), User: '65532:7' },
      finds: [],
    },
    {
      what: 'sound: by a group of the account',
      files: { ...PASSWD, 'etc/group': 'web:x:7:app\n', app: { mode: 0o750, gid: 7, content: STATIC } },
      config: { ...starts('/app'), User: 'app' },
      finds: [],
    },
  ],
  'command-architecture': [
    {
      what: 'arm64 for amd64',
      files: { app: { mode: 0o755, content: makeElf({ machine: 183, isStatic: true }) } },
      config: starts('/app'),
      finds: ['app: it is for linux/arm64, the image for linux/amd64'],
    },
    { what: 'sound', files: { app: PROGRAM }, config: starts('/app'), finds: [] },
    {
      what: 'sound: 32 bits on amd64',
      files: { app: { mode: 0o755, content: makeElf({ machine: 3, class: 32, isStatic: true }) } },
      config: starts('/app'),
      finds: [],
    },
  ],
  'command-interpreter': [
    {
      what: 'no loader',
      files: { app: { mode: 0o755, content: LINKED } },
      config: starts('/app'),
      finds: [`app: its loader ${LOADER} is not there`],
    },
    {
      what: 'no interpreter',
      files: { app: { mode: 0o755, content: '#!/bin/bash -e\nexit\n' } },
      config: starts('/app'),
      finds: ['app: the script is run by /bin/bash: /bin/bash is not there'],
    },
    {
      what: 'env(1) does not find it',
      files: { app: { mode: 0o755, content: '#!/usr/bin/env -S A=1 node --x\n' }, 'usr/bin/env': PROGRAM },
      config: starts('/app'),
      finds: [
        'app: the script is run by node: it is in no folder of PATH (/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)',
      ],
    },
    {
      what: 'a line that ends as on Windows',
      files: { app: { mode: 0o755, content: '#!/bin/x\r\nexit\r\n' }, 'bin/x': PROGRAM },
      config: starts('/app'),
      finds: ['app: the script is run by /bin/x\\r: /bin/x\\r is not there'],
    },
    {
      what: 'a text that does not say who reads it',
      files: { app: { mode: 0o755, content: 'exec java -jar /app.jar\n' } },
      config: starts('/app'),
      finds: ['app: it is neither a program (ELF) nor a script that begins with `#!` and a path'],
    },
    {
      what: 'sound: a loader',
      files: { app: { mode: 0o755, content: LINKED }, ...LIBC },
      config: starts('/app'),
      finds: [],
    },
    {
      what: 'sound: an interpreter',
      files: { app: { mode: 0o755, content: '#!/bin/x\n' }, 'bin/x': PROGRAM },
      config: starts('/app'),
      finds: [],
    },
    { what: 'sound: static', files: { app: PROGRAM }, config: starts('/app'), finds: [] },
  ],
  'command-library': [
    {
      what: 'none there',
      files: { app: { mode: 0o755, content: LINKED } },
      config: starts('/app'),
      finds: ['app: it needs libc.so.6, which is not there'],
    },
    {
      what: 'too old',
      files: { app: { mode: 0o755, content: LINKED }, ...OLD_LIBC },
      config: starts('/app'),
      finds: ['app: it needs GLIBC_2.38, which /lib/x86_64-linux-gnu/libc.so.6 does not have'],
    },
    {
      what: 'a library of a library',
      files: {
        app: { mode: 0o755, content: makeElf({ interpreter: LOADER, needed: ['liba.so.1'] }) },
        'usr/lib/x86_64-linux-gnu/liba.so.1': makeElf({ soname: 'liba.so.1', needed: ['libb.so.1'] }),
        ...LIBC,
      },
      config: starts('/app'),
      finds: ['usr/lib/x86_64-linux-gnu/liba.so.1: it needs libb.so.1, which is not there'],
    },
    {
      what: 'sound',
      files: { app: { mode: 0o755, content: LINKED }, ...LIBC },
      config: starts('/app'),
      finds: [],
    },
  ],
  'shell-form': [
    {
      what: 'a command',
      config: { Cmd: ['/bin/sh', '-c', 'exec app "$X"'] },
      finds: ['config.Cmd: a shell is to run exec app "$X"'],
    },
    {
      what: 'an entrypoint with options',
      config: starts('bash', '-euxc', 'app'),
      finds: ['config.Entrypoint: a shell is to run app'],
    },
    { what: 'sound: the exec form', config: starts('/app', '-c', 'x'), finds: [] },
    { what: 'sound: a shell without a line', config: starts('/busybox/sh'), finds: [] },
  ],
  'shell-form-healthcheck': [
    {
      what: 'a line',
      config: { Healthcheck: { Test: ['CMD-SHELL', 'curl -f localhost'] } },
      finds: ['config.Healthcheck.Test: a shell is to run curl -f localhost'],
    },
    {
      what: 'a shell in the exec form',
      config: { Healthcheck: { Test: ['CMD', 'sh', '-c', 'x'] } },
      finds: ['config.Healthcheck.Test: a shell is to run x'],
    },
    { what: 'sound: a program', config: { Healthcheck: { Test: ['CMD', '/probe'] } }, finds: [] },
    { what: 'sound: none', config: { Healthcheck: { Test: ['NONE'] } }, finds: [] },
  ],
};

describe.each(Object.entries(CASES))('%s', (rule, cases) => {
  it.each(cases)('$what', async ({ files = {}, config, finds }) => {
    expect(await found(rule, [files], config ? { config } : {})).toEqual(finds);
  });
});
