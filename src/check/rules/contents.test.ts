import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../inspect/index.ts';
import { found, NOW, withFacts } from '../../testing/checked.ts';
import { makeElf } from '../../testing/elf.ts';
import type { LayerFiles, TestImage } from '../../testing/layered-image.ts';
import type { CheckContext } from '../subject.ts';

interface Case {
  readonly what: string;
  readonly files: LayerFiles;
  readonly config?: TestImage['config'];
  readonly context?: Partial<CheckContext>;
  readonly finds: readonly string[];
}

const tool = (category: Extract<Fact, { kind: 'tool' }>['category'], name: string): string =>
  withFacts({ kind: 'tool', category, tool: name });
const wishes = (...all: ('certificates' | 'time-zones')[]): string =>
  withFacts({ kind: 'wishes', wishes: all });
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const authority = (
  name: string,
  notAfter: number,
): Extract<Fact, { kind: 'certificates' }>['certificates'][number] => ({
  subject: `CN=${name}`,
  issuer: `CN=${name}`,
  notBefore: 0,
  notAfter,
  isAuthority: true,
  fingerprint: `sha256:${'0'.repeat(64)}`,
});
const bundle = (...certificates: ReturnType<typeof authority>[]): string =>
  withFacts({ kind: 'certificates', certificates });
const old = NOW - 86_400;
const DEB = {
  'var/lib/dpkg/status.d/demo':
    'Package: demo\nVersion: 1.0\nArchitecture: amd64\nStatus: install ok installed\n',
};
const listed = (path: string, content: string): LayerFiles => ({
  ...DEB,
  'var/lib/dpkg/status.d/demo.md5sums': `${md5(content)}  ${path}\n`,
});
const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
const EXECUTABLE = { mode: 0o755, content: makeElf({ type: 2, isStatic: true }) };

const CASES: Readonly<Record<string, readonly Case[]>> = {
  shell: [
    {
      what: 'whatever its name',
      files: { 'opt/harmless': tool('shell', 'busybox') },
      finds: ['opt/harmless: this is busybox'],
    },
    { what: 'sound: only its name', files: { 'bin/sh': 'text' }, finds: [] },
    { what: 'sound: another kind of tool', files: { 'bin/x': tool('editor', 'vi') }, finds: [] },
  ],
  'package-manager': [
    {
      what: 'apt',
      files: { 'usr/bin/apt': tool('package-manager', 'apt') },
      finds: ['usr/bin/apt: this is apt'],
    },
  ],
  'network-tool': [{ what: 'curl', files: { a: tool('network', 'curl') }, finds: ['a: this is curl'] }],
  'privilege-tool': [{ what: 'sudo', files: { a: tool('privilege', 'sudo') }, finds: ['a: this is sudo'] }],
  debugger: [{ what: 'gdb', files: { a: tool('debugger', 'gdb') }, finds: ['a: this is gdb'] }],
  compiler: [{ what: 'gcc', files: { a: tool('compiler', 'gcc') }, finds: ['a: this is gcc'] }],
  editor: [{ what: 'vim', files: { a: tool('editor', 'vim') }, finds: ['a: this is vim'] }],
  'program-architecture': [
    {
      what: 'a program',
      files: { a: { mode: 0o755, content: makeElf({ type: 2, machine: 183, isStatic: true }) } },
      finds: ['a: it is for linux/arm64, the image for linux/amd64'],
    },
    {
      what: 'sound: a library that nobody starts',
      files: {
        'x.so': makeElf({ machine: 183 }),
        'y.node': { mode: 0o755, content: makeElf({ machine: 183 }) },
      },
      finds: [],
    },
    {
      what: 'sound: the one that the image starts is told elsewhere',
      files: { a: { mode: 0o755, content: makeElf({ type: 2, machine: 183 }) } },
      config: { Cmd: ['/a'] },
      finds: [],
    },
  ],
  'program-interpreter': [
    {
      what: 'a script of one’s own',
      files: { 'app/run': { mode: 0o755, content: '#!/bin/sh\nx\n' } },
      finds: ['app/run: the script is run by /bin/sh: /bin/sh is not there'],
    },
    {
      what: 'a program without its loader',
      files: { a: { mode: 0o755, content: makeElf({ interpreter: '/lib/ld.so' }) } },
      finds: ['a: its loader /lib/ld.so is not there'],
    },
    {
      what: 'a script of a package in PATH',
      files: {
        ...listed('usr/bin/tool', '#!/bin/sh\n'),
        'usr/bin/tool': { mode: 0o755, content: '#!/bin/sh\n' },
      },
      finds: ['usr/bin/tool: the script is run by /bin/sh: /bin/sh is not there'],
    },
    {
      what: 'sound: a script of a package elsewhere',
      files: { ...listed('etc/x', '#!/bin/sh\n'), 'etc/x': { mode: 0o755, content: '#!/bin/sh\n' } },
      finds: [],
    },
    {
      what: 'sound: a hook of the distribution',
      files: { 'etc/update-motd.d/10-uname': { mode: 0o755, content: '#!/bin/sh\n' } },
      finds: [],
    },
    {
      what: 'sound: a module',
      files: { 'app/node_modules/a/cli.js': { mode: 0o755, content: '#!/usr/bin/env node\n' } },
      finds: [],
    },
    { what: 'sound: nobody may execute it', files: { 'app/run': '#!/bin/sh\n' }, finds: [] },
  ],
  'program-library': [
    {
      what: 'a library',
      files: { 'app/x.so': makeElf({ needed: ['liby.so.1'] }) },
      finds: ['app/x.so: it needs liby.so.1, which is not there'],
    },
    {
      what: 'elsewhere',
      files: {
        'usr/bin/x': makeElf({ interpreter: '/l', needed: ['liby.so.1'] }),
        'opt/liby.so.1': makeElf({ soname: 'liby.so.1' }),
      },
      finds: ['usr/bin/x: it needs liby.so.1, which lies at /opt/liby.so.1, where the loader does not look'],
    },
    {
      what: 'sound: it is there',
      files: {
        'app/x.so': makeElf({ needed: ['liby.so.1'], runpath: '$ORIGIN' }),
        'app/liby.so.1': makeElf({ soname: 'liby.so.1' }),
      },
      finds: [],
    },
  ],
  'setuid-file': [
    {
      what: 'setuid',
      files: { su: { mode: 0o4755, content: 'x' } },
      finds: ['su: it runs as user 0 (mode 4755)'],
    },
    {
      what: 'both',
      files: { su: { mode: 0o6755, uid: 3, gid: 4, content: 'x' } },
      finds: ['su: it runs as user 3 and group 4 (mode 6755)'],
    },
    {
      what: 'sound: setgid without x is a lock, on a folder it passes on',
      files: { a: { mode: 0o2644 }, b: { type: 'directory', mode: 0o2755 } },
      finds: [],
    },
  ],
  'file-capabilities': [
    {
      what: 'one',
      files: { ping: { mode: 0o755, xattrs: { 'security.capability': capability } } },
      finds: ['ping: it has cap_net_bind_service=ep'],
    },
    {
      what: 'one that cannot be read',
      files: { ping: { xattrs: { 'security.capability': Buffer.from('x') } } },
      finds: ['ping: it has capabilities that cannot be read'],
    },
    { what: 'sound', files: { ping: { mode: 0o755 } }, finds: [] },
  ],
  'world-writable': [
    { what: 'a file', files: { a: { mode: 0o666 } }, finds: ['a: a file of mode 0666'] },
    {
      what: 'a folder',
      files: { a: { type: 'directory', mode: 0o777 } },
      finds: ['a: a folder without the sticky bit of mode 0777'],
    },
    {
      what: 'sound: /tmp, links, devices',
      files: {
        tmp: { type: 'directory', mode: 0o1777 },
        l: { type: 'symlink', linkName: 'tmp', mode: 0o777 },
        'dev/null': { type: 'character', mode: 0o666 },
      },
      finds: [],
    },
  ],
  'duplicate-account': [
    {
      what: 'numbers and names',
      files: {
        'etc/passwd': 'a:x:1:1::/:/x\nb:x:1:1::/:/x\nc:x:2:2::/:/x\nc:x:3:3::/:/x\n',
        'etc/group': 'a:x:1:\nb:x:1:\n',
      },
      finds: [
        'etc/passwd: a, b have the same number 1',
        'etc/passwd: there are 2 lines for the user c',
        'etc/group: a, b have the same number 1',
      ],
    },
    {
      what: 'sound',
      files: { 'etc/passwd': 'a:x:1:1::/:/x\nb:x:2:2::/:/x\n', 'etc/group': 'a:x:1:\n' },
      finds: [],
    },
  ],
  'empty-password': [
    {
      what: 'in passwd',
      files: { 'etc/passwd': 'a::1:1::/:/x\n' },
      finds: ['etc/passwd: a has an empty password'],
    },
    {
      what: 'in shadow',
      files: { 'etc/shadow': 'a::1::::::\n' },
      finds: ['etc/shadow: a has an empty password'],
    },
    { what: 'sound', files: { 'etc/passwd': 'a:x:1:1::/:/x\n', 'etc/shadow': 'a:*:1::::::\n' }, finds: [] },
  ],
  'changed-package-file': [
    {
      what: 'another content',
      files: { ...listed('usr/bin/x', 'a'), 'usr/bin/x': 'b' },
      finds: ['usr/bin/x: it is not as demo 1.0 has it'],
    },
    { what: 'sound: the same', files: { ...listed('usr/bin/x', 'a'), 'usr/bin/x': 'a' }, finds: [] },
    { what: 'sound: left out', files: listed('usr/bin/x', 'a'), finds: [] },
    {
      what: 'sound: merged /usr',
      files: { ...listed('bin/x', 'a'), bin: '-> usr/bin', 'usr/bin/x': 'a' },
      finds: [],
    },
    {
      what: 'sound: os-release',
      files: { ...listed('usr/lib/os-release', 'a'), 'usr/lib/os-release': 'b' },
      finds: [],
    },
  ],
  'unknown-contents': [
    {
      what: 'nothing known',
      files: { a: 'x' },
      finds: ['no packages are known, and no bill of materials is attached'],
    },
    {
      what: 'another thing attached',
      files: { a: 'x' },
      context: { attached: ['application/vnd.dev.cosign.simplesigning.v1+json'] },
      finds: ['no packages are known, and no bill of materials is attached'],
    },
    {
      what: 'sound: attached',
      files: { a: 'x' },
      context: { attached: ['application/vnd.cyclonedx+json'] },
      finds: [],
    },
    {
      what: 'sound: attested',
      files: { a: 'x' },
      context: { attached: ['https://spdx.dev/Document'] },
      finds: [],
    },
    { what: 'sound: a database', files: DEB, finds: [] },
    { what: 'sound: nothing in it', files: {}, finds: [] },
  ],
  'no-origin-label': [
    {
      what: 'none',
      files: {},
      config: { Cmd: ['/app'], Labels: { a: 'b' } },
      finds: ['config.Labels: there is no org.opencontainers.image.source, .url or .vendor'],
    },
    {
      what: 'sound',
      files: {},
      config: { Cmd: ['/app'], Labels: { 'org.opencontainers.image.source': 'x' } },
      finds: [],
    },
    { what: 'sound: a base', files: {}, finds: [] },
  ],
  'missing-certificates': [
    {
      what: 'the program of the image',
      files: { app: { mode: 0o755, content: wishes('certificates') } },
      config: { Cmd: ['/app'] },
      finds: ['app: it reads the certificates of the system, and there are none'],
    },
    {
      what: 'an empty bundle',
      files: { app: wishes('certificates'), 'etc/ssl/certs/ca-certificates.crt': '' },
      finds: ['app: it reads the certificates of the system, and there are none'],
    },
    {
      what: 'sound: they are there',
      files: {
        app: wishes('certificates'),
        'etc/ssl/certs/ca-certificates.crt': bundle(authority('a', NOW)),
      },
      finds: [],
    },
    {
      what: 'sound: SSL_CERT_FILE',
      files: { app: wishes('certificates'), 'x.pem': bundle(authority('a', NOW)) },
      config: { Env: ['SSL_CERT_FILE=/x.pem'] },
      finds: [],
    },
    {
      what: 'sound: a package that nobody starts',
      files: { ...listed('usr/bin/x', ''), 'usr/bin/x': wishes('certificates') },
      finds: [],
    },
    { what: 'sound: no wish', files: { app: wishes('time-zones') }, finds: [] },
  ],
  'missing-time-zones': [
    {
      what: 'none',
      files: { app: wishes('time-zones') },
      finds: ['app: it reads the time zones of the system, and there are none'],
    },
    {
      what: 'an empty folder',
      files: { app: wishes('time-zones'), 'usr/share/zoneinfo': 'folder' },
      finds: ['app: it reads the time zones of the system, and there are none'],
    },
    { what: 'sound', files: { app: wishes('time-zones'), 'usr/share/zoneinfo/UTC': 'TZif' }, finds: [] },
    {
      what: 'sound: ZONEINFO of Go',
      files: { app: wishes('time-zones'), 'z.zip': 'x' },
      config: { Env: ['ZONEINFO=/z.zip'] },
      finds: [],
    },
  ],
  'expired-authority': [
    {
      what: 'one of one’s own',
      files: { 'usr/local/share/ca-certificates/team.crt': bundle(authority('team', old)) },
      finds: ['usr/local/share/ca-certificates/team.crt: CN=team has expired on 2025-12-31'],
    },
    {
      what: 'an old bundle',
      files: { 'etc/ssl/cert.pem': bundle(authority('a', old), authority('b', NOW + 1)) },
      finds: ['etc/ssl/cert.pem: CN=a has expired on 2025-12-31'],
    },
    {
      what: 'sound: a few of many',
      files: {
        'etc/ssl/cert.pem': bundle(
          authority('a', old),
          ...Array.from({ length: 20 }, () => authority('b', NOW + 1)),
        ),
      },
      finds: [],
    },
    { what: 'sound: of no bundle', files: { 'srv/x.pem': bundle(authority('a', old)) }, finds: [] },
  ],
  'relative-path-variable': [
    {
      what: 'relative and empty',
      files: {},
      config: { Env: ['PATH=/bin:bin::.'] },
      finds: [
        'config.Env.PATH: it has the part bin',
        'config.Env.PATH: it has an empty part',
        'config.Env.PATH: it has the part .',
      ],
    },
    { what: 'sound', files: {}, config: { Env: ['PATH=/bin:/usr/bin'] }, finds: [] },
  ],
  'missing-path-variable': [
    {
      what: 'none',
      files: { a: EXECUTABLE },
      config: { Cmd: ['/a'] },
      finds: ['config.Env: there is no PATH'],
    },
    { what: 'sound', files: { a: EXECUTABLE }, config: { Cmd: ['/a'], Env: ['PATH=/'] }, finds: [] },
    { what: 'sound: nothing is started', files: {}, finds: [] },
  ],
  'unknown-stop-signal': [
    {
      what: 'a misspelt one',
      files: {},
      config: { StopSignal: 'SIGTREM' },
      finds: ['config.StopSignal: SIGTREM is no signal of Linux'],
    },
    {
      what: 'a number too high',
      files: {},
      config: { StopSignal: '65' },
      finds: ['config.StopSignal: 65 is no signal of Linux'],
    },
    ...['SIGQUIT', 'TERM', '9', 'SIGRTMIN+3', 'RTMAX-1', 'sigint'].map((signal) => ({
      what: `sound: ${signal}`,
      files: {},
      config: { StopSignal: signal },
      finds: [],
    })),
  ],
  'privileged-port': [
    {
      what: 'as nobody',
      files: {},
      config: { User: '65532', ExposedPorts: { '443/tcp': {}, '8080/tcp': {} } },
      finds: ['config.ExposedPorts: port 443/tcp'],
    },
    { what: 'sound: as root', files: {}, config: { ExposedPorts: { '443/tcp': {} } }, finds: [] },
  ],
};

describe.each(Object.entries(CASES))('%s', (rule, cases) => {
  it.each(cases)('$what', async ({ files, config, context, finds }) => {
    expect(await found(rule, [files], config ? { config } : {}, context)).toEqual(finds);
  });
});
