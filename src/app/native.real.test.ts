import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed } from '../testing/commands.ts';
import { describeWith } from '../testing/tools.ts';
import { makeProject } from './fixtures.ts';
import type { Application } from './model.ts';
import { detectNative } from './native.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-native-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function detect(path: string): Promise<Application> {
  const project = {
    ...makeProject({ server: { program: readFileSync(join(folder, path)) } }),
    single: 'server',
  };
  const application = await detectNative(project, {});
  if (!application) throw new Error('nothing was found');
  return application;
}

function write(path: string, content: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  return join(folder, path);
}

describeWith("Go's compiler", { tools: ['go'] }, () => {
  const build = (output: string, environment: Record<string, string>, ...flags: string[]): Promise<string> =>
    buildIn('go', output, environment, flags);
  const buildIn = (
    place: string,
    output: string,
    environment: Record<string, string>,
    flags: readonly string[] = [],
  ): Promise<string> =>
    succeed('go', ['build', ...flags, '-o', join(folder, output), '.'], {
      cwd: join(folder, place),
      env: { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOWORK: 'off', ...environment },
    });
  beforeAll(() => {
    write('go/go.mod', 'module github.com/acme/server\n\ngo 1.19\n');
    write('go/main.go', 'package main\n\nfunc main() { println("hello") }\n');
  });

  it.each([
    ['static', ['-ldflags=-s -w'], /^Go 1\.\d+ program \(static\)$/, /, static$/],
    ['pie', ['-buildmode=pie'], /^Go 1\.\d+ program$/, /\(PIE\), its loader is/],
  ])('makes %s programs', async (name, flags, title, linkage) => {
    await build(name, { CGO_ENABLED: '0' }, ...flags);
    const application = await detect(name);
    expect(application.title).toMatch(title);
    expect(application.evidence[0]).toMatch(linkage);
    expect(application.config.labels['org.opencontainers.image.source']).toBe(
      'https://github.com/acme/server',
    );
    expect(application.needs).toMatchObject({ certificates: false, timeZones: false });
  });

  it('makes programs that need glibc to look up names, whose tables lie between segments', async () => {
    write('net/go.mod', 'module x\n\ngo 1.19\n');
    write('net/main.go', 'package main\n\nimport "net"\n\nfunc main() { println(net.LookupHost("x")) }\n');
    await buildIn('net', 'net/net', { CGO_ENABLED: '1' });
    const application = await detect('net/net');
    expect(application.evidence.slice(0, 2).join('\n')).toMatch(/loader is[^]*needs .*libc\.so\.6/);
    expect(application.notes.join('\n')).toContain('CGO_ENABLED=0');
  });

  it.each([
    ['arm', { GOARM: '7' }, 'linux/arm/v7'],
    ['s390x', {}, 'linux/s390x'],
  ])('makes programs for %s', async (architecture, more, platform) => {
    await build(architecture, { CGO_ENABLED: '0', GOARCH: architecture, ...more });
    expect((await detect(architecture)).evidence[0]).toContain(`for ${platform}, static`);
  });
});

describeWith("GCC's compilers", { tools: ['gcc', 'g++', 'strip'] }, () => {
  it.each([
    ['-static', 'C program (static)', /, static$/],
    ['-static-pie', 'C program (static PIE)', /, static PIE$/],
    ['-no-pie', 'C program', /linked dynamically, its loader/],
    ['-pie', 'C program', /linked dynamically \(PIE\), its loader/],
  ])('make a program of C with %s', async (flag, title, linkage) => {
    const source = write('main.c', '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n');
    await succeed('gcc', [flag, ...(flag === '-pie' ? ['-fPIE'] : []), '-o', join(folder, 'c'), source]);
    await succeed('strip', [join(folder, 'c')]);
    const application = await detect('c');
    expect(application.title).toBe(title);
    expect(application.evidence[0]).toMatch(linkage);
    expect(application.notes).toEqual([]);
  });

  it.each([
    [[], 'C++ program'],
    [['-static'], 'C++ program (static)'],
    [['-static-libstdc++', '-static-libgcc'], 'C++ program'],
  ])('make a program of C++ with %j', async (flags, title) => {
    const source = write('main.cpp', '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n');
    await succeed('g++', [...flags, '-o', join(folder, 'cpp'), source]);
    expect((await detect('cpp')).title).toBe(title);
  });

  it('make libraries, which are no programs', async () => {
    const source = write('x.c', 'int x(void) { return 1; }\n');
    for (const flags of [
      ['-shared', '-fPIC'],
      ['-shared', '-fPIC', '-nostdlib', '-Wl,-soname,libx.so'],
    ]) {
      await succeed('gcc', [...flags, '-o', join(folder, 'x'), source]);
      await expect(detect('x')).rejects.toThrow('shared library, no program');
    }
    await succeed('gcc', ['-c', '-o', join(folder, 'x'), source]);
    await expect(detect('x')).rejects.toThrow('object file');
  });
});

describeWith("Rust's compiler", { tools: ['rustc'] }, () => {
  it('makes a program', async () => {
    const source = write('main.rs', 'fn main() { println!("hello"); }\n');
    await succeed('rustc', ['-o', join(folder, 'rust'), source], { cwd: folder });
    const application = await detect('rust');
    expect(application.title).toBe('Rust program');
    // That of Debian 12 (1.63) does not name itself, newer ones do.
    const makers = application.evidence.filter((line) => line.includes('made by'));
    for (const line of makers) expect(line).toMatch(/made by .*rustc version/);
  });
});
