import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeElf, type TestElf } from '../testing/elf.ts';
import { withSections } from '../testing/elf-sections.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { makeProject, type Content } from './fixtures.ts';
import type { Application, AppRequest, Project } from './model.ts';
import { detectNative } from './native.ts';

const LOADER = '/lib64/ld-linux-x86-64.so.2';
const STATIC: TestElf = { type: 2, isStatic: true };
const DYNAMIC: TestElf = { interpreter: LOADER, needed: ['libc.so.6'] };
const LIBRARY: TestElf = { soname: 'libx.so.1', needed: ['libc.so.6'] };

interface Extra {
  readonly text?: string;
  readonly sections?: Readonly<Record<string, Uint8Array | string>>;
}

function bytes(elf: TestElf, { text = '', sections = {} }: Extra = {}): Buffer {
  const buffers = Object.entries(sections).map(([name, content]) => [name, Buffer.from(content)] as const);
  return withSections(Buffer.concat([makeElf(elf), Buffer.from(text)]), Object.fromEntries(buffers));
}
const program = (elf: TestElf = STATIC, extra: Extra = {}): Content => ({ program: bytes(elf, extra) });

function goInfo(lines: readonly string[], version = 'go1.26.8'): Buffer {
  const modules = Buffer.concat([
    Buffer.alloc(16, 1),
    Buffer.from(`${lines.join('\n')}\n`),
    Buffer.alloc(16, 2),
  ]);
  const length = Buffer.from([(modules.length & 0x7f) | 0x80, modules.length >> 7]);
  const head = Buffer.alloc(32);
  head.write('\xff Go buildinf:\x08\x02', 'latin1');
  return Buffer.concat([head, Buffer.from([version.length]), Buffer.from(version), length, modules]);
}

const single = (content: Content, name = 'server'): Project => ({
  ...makeProject({ [name]: content }, name),
  single: name,
});
const detect = (project: Project, request: AppRequest = {}): Promise<Application | undefined> =>
  detectNative(project, request);

async function found(project: Project, request: AppRequest = {}): Promise<Application> {
  const application = await detect(project, request);
  if (!application) throw new Error('nothing was found');
  return application;
}
const placed = ({ layers }: Application): Record<string, Record<string, string>> =>
  Object.fromEntries(
    layers.map(({ name, files }) => [
      name,
      Object.fromEntries([...files].map(([at, source]) => [at, source.path])),
    ]),
  );

describe('a single program', () => {
  it('lies in /app and is the entrypoint', async () => {
    const application = await found(single(program()));
    expect(placed(application)).toEqual({ application: { '/app/server': 'server' } });
    expect(application.layers[0]?.files.get('/app/server')).toEqual({ path: 'server', mode: 0o755 });
    expect(application).toMatchObject({
      kind: 'native',
      config: { entrypoint: ['/app/server'], env: {}, ports: [], labels: {}, writable: [] },
      needs: { binaries: ['server'], libraries: [], certificates: false, timeZones: false },
      notes: [],
    });
    expect(application.config).not.toHaveProperty('workdir');
  });

  it.each<[string, TestElf, Extra, string]>([
    ['Go', STATIC, { sections: { '.go.buildinfo': goInfo([]) } }, 'Go 1.26 program (static)'],
    [
      'Go of its developers',
      STATIC,
      { sections: { '.go.buildinfo': goInfo([], 'devel +abc') } },
      'Go program (static)',
    ],
    [
      'Rust by its compiler',
      DYNAMIC,
      { sections: { '.comment': 'GCC: (Debian) 14\0rustc version 1.95.0 (x)\0' } },
      'Rust program',
    ],
    ['Rust by its texts', { ...STATIC, type: 2 }, { text: 'RUST_BACKTRACE' }, 'Rust program (static)'],
    ['C++ by its library', { ...DYNAMIC, needed: ['libstdc++.so.6', 'libc.so.6'] }, {}, 'C++ program'],
    ['C++ of LLVM', { ...DYNAMIC, needed: ['libc++.so.1'] }, {}, 'C++ program'],
    [
      'C++ without its library',
      STATIC,
      { text: 'N10__cxxabiv117__class_type_infoE' },
      'C++ program (static)',
    ],
    ['C', DYNAMIC, { sections: { '.comment': 'GCC: (Debian 12.2.0-14) 12.2.0\0' } }, 'C program'],
    ['C of LLVM', DYNAMIC, { sections: { '.comment': 'Debian clang version 19.1.7\0' } }, 'C program'],
    ['Fortran', { ...DYNAMIC, needed: ['libgfortran.so.5'] }, {}, 'Fortran program'],
    ['nobody knows what', DYNAMIC, {}, 'ELF program'],
  ])('of %s', async (_title, elf, extra, title) => {
    expect((await found(single(program(elf, extra)))).title).toBe(title);
  });

  it.each<[string, TestElf, RegExp]>([
    ['static', STATIC, /for linux\/amd64, static$/],
    ['static in place', { type: 3, isStatic: true }, /for linux\/amd64, static PIE$/],
    [
      'dynamic',
      { ...DYNAMIC, type: 2 },
      /linked dynamically, its loader is \/lib64\/ld-linux-x86-64\.so\.2$/,
    ],
    ['dynamic, anywhere', DYNAMIC, /linked dynamically \(PIE\), its loader/],
    ['of another platform', { ...STATIC, machine: 183 }, /for linux\/arm64, static$/],
  ])('%s: says so', async (_title, elf, expected) => {
    const { evidence } = await found(single(program(elf)));
    expect(evidence[0]).toMatch(expected);
  });

  it('does not take what linked a program of Rust for its compiler', async () => {
    const evidenceOf = async (comment: string): Promise<string> => {
      const extra = { sections: { '.comment': comment }, text: 'RUST_BACKTRACE' };
      return (await found(single(program(DYNAMIC, extra)))).evidence.join('\n');
    };
    expect(await evidenceOf('GCC: (Debian) 12\0')).not.toContain('made by');
    expect(await evidenceOf('GCC: (Debian) 12\0rustc version 1.95.0 (x)\0')).toContain(
      'made by GCC: (Debian) 12; rustc version 1.95.0 (x)',
    );
  });

  it("takes version, revision and source of Go's build information", async () => {
    const lines = [
      'mod\tgithub.com/acme/server/v2\tv2.3.4',
      'build\tCGO_ENABLED=1',
      'build\tvcs.revision=abc123',
      'build\tvcs.time=2026-01-02T03:04:05Z',
      'build\tvcs.modified=true',
    ];
    const application = await found(
      single(program(DYNAMIC, { sections: { '.go.buildinfo': goInfo(lines) } })),
    );
    expect(application.config.labels).toEqual({
      'org.opencontainers.image.version': 'v2.3.4',
      'org.opencontainers.image.revision': 'abc123',
      'org.opencontainers.image.source': 'https://github.com/acme/server',
    });
    expect(application.evidence).toContain('server: built by go1.26.8 from github.com/acme/server/v2 v2.3.4');
    expect(application.evidence).toContain('server: of revision abc123 of 2026-01-02T03:04:05Z');
    expect(application.notes.join('\n')).toMatch(/from changed files[^]*CGO_ENABLED=0/);
  });

  it.each<[string, string | undefined]>([
    ['gitlab.com/acme/server', 'https://gitlab.com/acme/server'],
    ['gitlab.com/acme/server/v3', 'https://gitlab.com/acme/server'],
    ['gitlab.com/acme/group/server', undefined],
    ['git.sr.ht/~acme/server', 'https://git.sr.ht/~acme/server'],
    ['codeberg.org/acme/server/sub', 'https://codeberg.org/acme/server'],
    ['example.com/acme/server', undefined],
    ['server', undefined],
    ['github.com/acme', undefined],
    ['github.com/ac me/x', undefined],
  ])('the source of module %s: %s', async (module, source) => {
    const info = goInfo([`mod\t${module}\t(devel)`]);
    const { labels } = (await found(single(program(STATIC, { sections: { '.go.buildinfo': info } })))).config;
    expect(labels).toEqual(source === undefined ? {} : { 'org.opencontainers.image.source': source });
  });

  it('takes the version of what cargo-auditable lists', async () => {
    const list = {
      packages: [
        { name: 'serde', version: '1.0.0' },
        { name: 'web', version: '0.3.1', root: true },
      ],
    };
    const sections = { '.dep-v0': deflateSync(JSON.stringify(list)) };
    const application = await found(single(program(DYNAMIC, { sections })));
    expect(application.title).toBe('Rust program');
    expect(application.config.labels).toEqual({ 'org.opencontainers.image.version': '0.3.1' });
    for (const wrong of [
      Buffer.from('x'),
      deflateSync('{'),
      deflateSync('{"packages":[null,{"root":true,"name":1}]}'),
    ])
      expect((await found(single(program(DYNAMIC, { sections: { '.dep-v0': wrong } })))).title).toBe(
        'ELF program',
      );
  });

  it.each<[string, TestElf, Extra, boolean, boolean]>([
    ['Go, TLS', STATIC, { text: '/etc/ssl/certs/ca-certificates.crt' }, true, false],
    ['OpenSSL', { ...DYNAMIC, needed: ['libssl.so.3'] }, {}, true, false],
    ['curl', { ...DYNAMIC, needed: ['libcurl-gnutls.so.4'] }, {}, true, false],
    ['the variable', DYNAMIC, { text: 'SSL_CERT_FILE' }, true, false],
    ['zones', DYNAMIC, { text: '/usr/share/zoneinfo' }, false, true],
    [
      'zones that every Go program knows',
      STATIC,
      { sections: { '.go.buildinfo': goInfo([]), x: '/usr/share/zoneinfo' } },
      false,
      false,
    ],
    [
      'zones in Go',
      STATIC,
      { sections: { '.go.buildinfo': goInfo([]), x: 'time.LoadLocation\0' } },
      false,
      true,
    ],
    [
      'zones that Go brings',
      STATIC,
      { sections: { '.go.buildinfo': goInfo([]), x: 'time.LoadLocation\0time/tzdata.x' } },
      false,
      false,
    ],
    ['none', DYNAMIC, { text: 'libsslx time.loadLocation' }, false, false],
  ])('certificates and time zones: %s', async (_title, elf, extra, certificates, timeZones) => {
    expect((await found(single(program(elf, extra)))).needs).toMatchObject({ certificates, timeZones });
  });

  it('finds texts that lie across the border of what is read at once', async () => {
    const text = `${'x'.repeat((1 << 20) - makeElf(STATIC).length - 5)}SSL_CERT_FILE`;
    expect((await found(single(program(STATIC, { text })))).needs.certificates).toBe(true);
  });

  it('names libraries that it may open', async () => {
    const text =
      '\0libvulkan.so.1\0/usr/lib/libcuda.so.1\0libc.so.6\0libx.so\0see libfoo.so.3 there\0libm.so.6.old\0';
    const { notes, needs } = await found(single(program(DYNAMIC, { text })));
    expect(notes.join()).toContain('holds the names libcuda.so.1, libvulkan.so.1: if');
    expect(needs.libraries).toEqual([]);
    expect((await found(single(program(STATIC, { text })))).notes).toEqual([]);
    const purego = {
      '.go.buildinfo': goInfo(['dep\tgithub.com/ebitengine/purego\tv0.8.0']),
      x: 'errorlibfoo.so.3libbar.so.12x',
    };
    expect((await found(single(program(STATIC, { sections: purego })))).notes.join()).toContain(
      'libbar.so.12, libfoo.so.3',
    );
  });

  it('notes a processor, folders of the builder and lost permissions', async () => {
    const elf = { ...DYNAMIC, isaNeeded: 0b100, runpath: '$ORIGIN/lib:/home/me/build:/usr/lib/x' };
    const { notes } = await found(single(bytes(elf)));
    expect(notes).toEqual([
      'server needs a processor with x86-64-v3',
      'server looks for libraries in /home/me/build, which the image does not have',
      'server is not executable; it is in the image',
    ]);
  });

  it('keeps what would act on a terminal out of its words', async () => {
    const info = goInfo(['mod\tgithub.com/a/b\tv1\u001b[31m', 'build\tvcs.revision=\u202Ex']);
    const application = await found(single(program(STATIC, { sections: { '.go.buildinfo': info } })));
    expect(JSON.stringify(application)).not.toMatch(/\\u001b|\u202E/);
  });
});

describe('what cannot run', () => {
  const cut = makeElf(DYNAMIC).subarray(0, 200);
  const header = (type: number): Buffer => {
    const file = Buffer.from(makeElf());
    file.writeUInt16LE(type, 16);
    return file;
  };
  it.each<[string, Content, RegExp, RegExp]>([
    [
      'musl',
      program({ ...DYNAMIC, interpreter: '/lib/ld-musl-x86_64.so.1' }),
      /musl, as Alpine.*ld-musl-x86_64/,
      /statically.*glibc/,
    ],
    [
      'musl without a loader',
      program({ ...STATIC, isStatic: false, needed: ['libc.musl-x86_64.so.1'] }),
      /musl: it needs/,
      /statically/,
    ],
    [
      'Nix',
      program({ ...DYNAMIC, interpreter: '/nix/store/abc-glibc/lib/ld-linux-x86-64.so.2' }),
      /machine that built it: \/nix/,
      /patchelf/,
    ],
    ['Android', program({ ...DYNAMIC, interpreter: '/system/bin/linker64' }), /Android/, /Linux/],
    ['x32', program({ ...STATIC, class: 32 }), /ELF machine 62, 32-bit/, /pith ls/],
    ['a library', bytes(LIBRARY), /shared library, no program/, /--main PATH/],
    ['an object file', header(1), /object file/, /Link it/],
    ['a core file', header(4), /core file/, /--main/],
    ['a cut file', cut, /damaged/, /anew/],
    ['a file of a header', Buffer.from('\x7fELF'), /damaged/, /anew/],
    ['sh', '#!/bin/sh\nexec server\n', /script for sh, and images have no shell/, /program that it starts/],
    ['bash by env', '#! /usr/bin/env -S FOO=1 bash -e\n', /script for bash/, /program that it starts/],
    ['Python', '#!/usr/bin/python3.11\n', /Python script/, /--kind python/],
    ['Node.js', '#!/usr/bin/env node\n', /Node\.js script/, /--kind nodejs/],
    ['Perl', '#!/usr/bin/perl -w', /script for perl, which no image/, /definition/],
    ['a script for nobody', '#!\n', /does not name/, /definition/],
    ['Windows', 'MZ\x90\0', /Windows \(PE\)/, /GOOS=linux/],
    ['macOS', Buffer.from('cffaedfe07000001', 'hex'), /macOS \(Mach-O\)/, /GOOS=linux/],
    ['macOS, both machines', Buffer.from('cafebabe00000002', 'hex'), /macOS/, /GOOS=linux/],
    ['WebAssembly', Buffer.from('\0asm\x01\0\0\0', 'latin1'), /WebAssembly/, /Compile/],
    ['an archive', '!<arch>\n', /archive of object files/, /--main/],
  ])('%s', async (_title, content, message, hint) => {
    const error = await rejectionOf(detect(single(content)));
    expect(error.code).toBe('APP_INVALID');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.message).toMatch(/^server /);
  });

  it('of FreeBSD', async () => {
    const elf = makeElf(STATIC);
    elf[7] = 9;
    expect((await rejectionOf(detect(single(elf)))).message).toContain('FreeBSD');
  });

  it('a program longer than its file', async () => {
    const elf = makeElf({ ...STATIC, code: 4096 });
    expect((await rejectionOf(detect(single(elf.subarray(0, 2000))))).message).toContain('damaged');
  });

  it.each<[string, Content]>([
    ['text', 'hello'],
    ['a Java class', Buffer.from('cafebabe00000041', 'hex')],
    ['nothing', ''],
  ])('but %s is left to others', async (_title, content) => {
    expect(await detect(single(content))).toBeUndefined();
    expect((await rejectionOf(detect(single(content), { kind: 'native' }))).message).toContain(
      'no ELF program',
    );
  });
});

describe('a folder of what was built', () => {
  it('keeps its files where they are, libraries and resources apart', async () => {
    const project = makeProject({
      'bin/server': program({ ...DYNAMIC, needed: ['libx.so.1', 'libc.so.6'], runpath: '$ORIGIN/../lib' }),
      'lib/libx.so.1.2': bytes({ ...LIBRARY, needed: ['libssl.so.3'] }),
      'lib/libx.so.1': { link: 'libx.so.1.2' },
      'static/index.html': '<p>',
      'config.yaml': 'a: 1',
      Dockerfile: 'FROM scratch',
      '.env': 'SECRET=1',
      'notes.txt?': 'mine',
    });
    const application = await found(project);
    expect(placed(application)).toEqual({
      libraries: { '/app/lib/libx.so.1': 'lib/libx.so.1', '/app/lib/libx.so.1.2': 'lib/libx.so.1.2' },
      resources: { '/app/config.yaml': 'config.yaml', '/app/static/index.html': 'static/index.html' },
      application: { '/app/bin/server': 'bin/server' },
    });
    expect(application.config).toMatchObject({ entrypoint: ['/app/bin/server'], workdir: '/app' });
    expect(application.needs).toMatchObject({
      binaries: ['bin/server', 'lib/libx.so.1.2'],
      certificates: true,
    });
    expect(application.notes.join()).toContain('.env is left out');
  });

  it('takes what git ignores if that is all there is, or the folder of the program', async () => {
    const all = makeProject({ 'server?': program(), 'static/a.css?': 'a' });
    expect(placed(await found(all))['resources']).toEqual({ '/app/static/a.css': 'static/a.css' });
    const part = makeProject({ 'out/server?': program(), 'out/a.css?': 'a', 'b.txt?': 'b', 'c.txt': 'c' });
    expect(Object.keys(placed(await found(part))['resources'] ?? {})).toEqual([
      '/app/c.txt',
      '/app/out/a.css',
    ]);
  });

  it('asks which of several programs runs', async () => {
    const project = makeProject({ server: program(), 'tools/migrate': program(), 'readme.txt': '' });
    const error = await rejectionOf(detect(project));
    expect(error.message).toBe(
      'there are several programs: server (linux/amd64), tools/migrate (linux/amd64)',
    );
    expect(error.hint).toBe('Choose the one that runs with `--main PATH`.');
    const application = await found(project, { main: './tools/migrate' });
    expect(application.config.entrypoint).toEqual(['/app/tools/migrate']);
    expect(placed(application)['application']).toEqual({
      '/app/server': 'server',
      '/app/tools/migrate': 'tools/migrate',
    });
  });

  it('leaves out programs of other platforms', async () => {
    const project = makeProject({
      'amd64/server': program(),
      'arm64/server': program({ ...STATIC, machine: 183 }),
    });
    const error = await rejectionOf(detect(project));
    expect(error.message).toContain('amd64/server (linux/amd64), arm64/server (linux/arm64)');
    expect(error.hint).toContain('--binary PLATFORM=PATH');
    const application = await found(project, { main: 'arm64/server' });
    expect(application.needs.binaries).toEqual(['arm64/server']);
    expect(application.notes).toEqual(['amd64/server is left out: it is a program for linux/amd64']);
  });

  it('finds a program that lost its permissions, and follows a link', async () => {
    const project = makeProject({ server: bytes(STATIC), current: { link: 'server' }, 'data.json': '{}' });
    expect((await found(project)).config.entrypoint).toEqual(['/app/server']);
    expect((await found(project, { main: 'current' })).config.entrypoint).toEqual(['/app/server']);
  });

  it.each<[string, Record<string, Content>]>([
    ['only data', { 'index.html': '<p>', 'run.sh': { program: '#!/bin/sh' } }],
    [
      'only libraries',
      { 'libx.so.1': bytes(LIBRARY), 'x.so': { program: bytes({ ...LIBRARY, soname: 'x.so' }) } },
    ],
    ['packages of Node.js', { 'package.json': '{}', 'node_modules/esbuild/bin/esbuild': program() }],
    ['an environment of Python', { 'venv/pyvenv.cfg': '', 'venv/bin/python3': program(DYNAMIC), 'a.py': '' }],
    [
      'a runtime of Java',
      { 'jre/lib/modules': 'x', 'jre/bin/java': program(DYNAMIC), 'jre/lib/jexec': program() },
    ],
  ])('is none: %s', async (_title, files) => {
    expect(await detect(makeProject(files))).toBeUndefined();
  });

  it.each<[string, Content, RegExp]>([
    ['of macOS', { program: Buffer.from('cffaedfe07000001', 'hex') }, /server is a program for macOS/],
    ['damaged', { program: makeElf(DYNAMIC).subarray(0, 100) }, /server is a damaged ELF file/],
  ])('with a program %s is refused', async (_title, content, message) => {
    expect((await rejectionOf(detect(makeProject({ server: content, 'a.txt': '' })))).message).toMatch(
      message,
    );
  });

  it('says which libraries cannot be loaded', async () => {
    const project = makeProject({
      server: program(DYNAMIC),
      'a.so': bytes({ ...LIBRARY, needed: ['libc.musl-x86_64.so.1'] }),
      'b.so': makeElf(LIBRARY).subarray(0, 150),
      'c.so': 'INPUT(libx.so.1)',
    });
    const { notes } = await found(project);
    expect(notes).toEqual([
      'a.so was built for musl, and cannot be loaded where glibc is',
      expect.stringMatching(/^b\.so is a damaged ELF file/),
    ]);
  });

  it('says that the main file is not there, if it was to be a program', async () => {
    const project = makeProject({ server: program(), loop: { link: 'loop' }, out: { link: '../x' } });
    for (const main of ['serve', 'loop', 'out', '../server', '/server']) {
      expect(await detect(project, { main })).toBeUndefined();
      const error = await rejectionOf(detect(project, { main, kind: 'native' }));
      expect(error.message).toContain(`${main} is not among the files of project`);
    }
  });
});

describe('a folder of sources', () => {
  const crate = '[package]\nname = "web"\nversion = "0.1.0"\n';
  it.each<[string, Record<string, Content>, Record<string, Record<string, string>>]>([
    [
      'Go',
      {
        'go.mod': 'module x',
        'main.go': '',
        'server?': program(),
        'static/a.css': '',
        'internal/x/x.go': '',
        'a/testdata/y': '',
        '.golangci.yml': '',
        'README.md': '',
        'local.yaml?': '',
      },
      { resources: { '/app/static/a.css': 'static/a.css' }, application: { '/app/server': 'server' } },
    ],
    [
      'Go, with the program in a folder of its own',
      {
        'go.mod': 'module x',
        'bin/server?': program(),
        'bin/libx.so?': bytes(LIBRARY),
        'bin/junk?': 'x',
        'views/a.html': '',
      },
      {
        libraries: { '/app/libx.so': 'bin/libx.so' },
        resources: { '/app/views/a.html': 'views/a.html' },
        application: { '/app/server': 'bin/server' },
      },
    ],
    [
      'Go, with all that is shipped',
      { 'go.mod': 'module x', 'dist/server?': program(), 'dist/public/a.css?': '', 'main.go': '' },
      {
        resources: { '/app/public/a.css': 'dist/public/a.css' },
        application: { '/app/server': 'dist/server' },
      },
    ],
    [
      'Go, with a folder of the name of the program',
      { 'go.mod': 'module x', 'bin/server?': program(), 'server/page.html': '' },
      {
        resources: { '/app/server/page.html': 'server/page.html' },
        application: { '/app/bin/server': 'bin/server' },
      },
    ],
    [
      'Go, with files of the same name in what is shipped',
      { 'go.mod': 'module x', 'dist/server?': program(), 'dist/a.yaml?': '1', 'a.yaml': '2' },
      {
        resources: { '/app/a.yaml': 'a.yaml', '/app/dist/a.yaml': 'dist/a.yaml' },
        application: { '/app/dist/server': 'dist/server' },
      },
    ],
    [
      'Rust',
      {
        'Cargo.toml': crate,
        'src/main.rs': '',
        'templates/a.html': '',
        'target/release/web?': program(DYNAMIC),
        'target/release/web.d?': '',
        'target/release/deps/web-0a?': program(DYNAMIC),
        'target/release/deps/libmacros-0a.so': program(DYNAMIC),
        'target/debug/web?': program(DYNAMIC),
        'target/release/build/ring/build-script-build?': program(DYNAMIC),
      },
      {
        resources: { '/app/templates/a.html': 'templates/a.html' },
        application: { '/app/web': 'target/release/web' },
      },
    ],
    [
      'Rust, for a target, one program of several',
      {
        'Cargo.toml': '[package]\nname = "x"\ndefault-run = "web"\n',
        'target/x86_64-unknown-linux-musl/release/web?': program(),
        'target/x86_64-unknown-linux-musl/release/tool?': program(),
      },
      { application: { '/app/web': 'target/x86_64-unknown-linux-musl/release/web' } },
    ],
    [
      'CMake',
      {
        'CMakeLists.txt': '',
        'src/a.cpp': '',
        'build/app?': program(DYNAMIC),
        'build/libx.so.1?': bytes(LIBRARY),
        'build/CMakeFiles/3.25/CompilerIdC/a.out?': program(DYNAMIC),
        'build/CMakeCache.txt?': '',
        'data/x.bin': 'x',
      },
      {
        libraries: { '/app/libx.so.1': 'build/libx.so.1' },
        resources: { '/app/data/x.bin': 'data/x.bin' },
        application: { '/app/app': 'build/app' },
      },
    ],
    ['make', { Makefile: '', 'src/a.c': '', app: program(DYNAMIC) }, { application: { '/app/app': 'app' } }],
  ])('%s: takes the program and what is no source', async (_title, files, expected) => {
    expect(placed(await found(makeProject(files)))).toEqual(expected);
  });

  it.each<[string, Record<string, Content>, RegExp, RegExp]>([
    [
      'Go',
      { 'go.mod': 'module github.com/acme/api/v2\n', 'main.go': '' },
      /go\.mod\), and there is no/,
      /`CGO_ENABLED=0 go build -o api \.`/,
    ],
    ['Go, below cmd', { 'go.mod': 'module x', 'cmd/web/main.go': '' }, /go\.mod/, /-o web \.\/cmd\/web`/],
    ['Go, an odd name', { 'go.mod': 'module x/$(id)', 'main.go': '' }, /go\.mod/, /-o server \.`/],
    ['Rust', { 'Cargo.toml': crate }, /Cargo\.toml/, /cargo build --release/],
    [
      'Rust, debug',
      { 'Cargo.toml': crate, 'target/debug/web': program() },
      /target\/debug\/web, is a debug build/,
      /--release/,
    ],
    ['CMake', { 'CMakeLists.txt': '' }, /CMakeLists/, /cmake --build build/],
    ['Meson', { 'meson.build': '' }, /meson/, /ninja -C build/],
    ['configure', { configure: { program: '#!/bin/sh' } }, /configure/, /\.\/configure && make/],
    ['make', { Makefile: '', 'a.c': '' }, /Makefile/, /`make`/],
  ])('%s: has to be built first', async (_title, files, message, hint) => {
    const error = await rejectionOf(detect(makeProject(files)));
    expect(error.code).toBe('APP_INVALID');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.hint).toContain('.dockerignore');
  });

  it('of Rust with a manifest that is no TOML is refused', async () => {
    const error = await rejectionOf(detect(makeProject({ 'Cargo.toml': '[package]\nname = ' })));
    expect(error).toMatchObject({
      code: 'APP_INVALID',
      message: expect.stringContaining('Cargo.toml, line 2') as string,
    });
  });

  it('a Makefile alone says nothing', async () => {
    expect(await detect(makeProject({ Makefile: 'docs:', 'index.html': '' }))).toBeUndefined();
  });

  it('of Rust with programs that the manifest does not name asks', async () => {
    const files = {
      'Cargo.toml': '[workspace]',
      'target/release/a?': program(),
      'target/release/b?': program(),
    };
    expect((await rejectionOf(detect(makeProject(files)))).message).toContain(
      'target/release/a (linux/amd64)',
    );
    const application = await found(makeProject(files), { main: 'target/release/b' });
    expect(placed(application)).toEqual({ application: { '/app/b': 'target/release/b' } });
  });
});
