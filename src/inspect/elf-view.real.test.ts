import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeImage, makeLayer } from '../testing/layered-image.ts';
import { describeWith } from '../testing/tools.ts';
import { resolveElf, type ElfFile } from './elf-view.ts';
import { Entries } from './entries.ts';
import { factReaders } from './facts/index.ts';
import type { Fact } from './facts.ts';
import type { FileEntry } from './model.ts';
import { ImageView } from './view.ts';

const PLATFORMS: Readonly<Record<string, string>> = { x64: 'linux/amd64', arm64: 'linux/arm64' };
/** Of them a part is compared. */
const FOLDERS = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib',
  '/usr/libexec',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/etc/alternatives',
];
const CONFIGURATION = ['/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d'];
const COMPARED = 1000;
const MAX_SIZE = 256 << 20;
const MAX_DEPTH = 3;

/** The programs and libraries of this machine as if they were a layer of an image. */
async function viewOfMachine(): Promise<ImageView> {
  const entries: FileEntry[] = [];
  const facts = new Map<number, readonly Fact[]>();
  const add = async (path: string, depth: number): Promise<void> => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    const entry = {
      path: path.slice(1),
      mode: stat.mode & 0o7777,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: 0,
      linkName: '',
    };
    if (stat.isSymbolicLink()) entries.push({ ...entry, type: 'symlink', linkName: readlinkSync(path) });
    else if (stat.isDirectory() && depth < MAX_DEPTH) {
      entries.push({ ...entry, type: 'directory' });
      for (const name of readdirSync(path)) await add(join(path, name), depth + 1);
    } else if (stat.isFile() && stat.size <= MAX_SIZE) {
      const bytes = readFileSync(path);
      const isElf = bytes.toString('latin1', 0, 4) === '\x7fELF';
      const file: FileEntry = { ...entry, type: 'file', size: stat.size };
      if (isElf || path.startsWith('/etc/ld')) facts.set(entries.length, await factsOf(file, bytes));
      if (isElf || path.startsWith('/etc/ld') || path.includes('.so')) entries.push(file);
    }
  };
  for (const path of [...FOLDERS, ...CONFIGURATION]) await add(path, 0);
  const image = makeImage([], { platform: PLATFORMS[process.arch] ?? 'linux/amd64' });
  const layer = {
    unpackedSize: 0,
    diffId: image.manifest.config.digest,
    entries: Entries.of(entries),
    facts,
  };
  return new ImageView({ image, layers: [{ ...layer, layer: makeLayer({}) }] });
}

async function factsOf(file: FileEntry, bytes: Buffer): Promise<Fact[]> {
  const scanners = factReaders.flatMap((reader) => reader.open(file, bytes.subarray(0, 4096)) ?? []);
  const found: Fact[] = [];
  for (const scanner of scanners) {
    for (let at = 0; at < bytes.length; at += 1 << 16) scanner.write(bytes.subarray(at, at + (1 << 16)));
    found.push(...(await scanner.finish()));
  }
  return found;
}

/** Files from all over the list. */
function sample(files: readonly ElfFile[]): ElfFile[] {
  const step = Math.max(1, files.length / COMPARED);
  return Array.from(
    { length: Math.min(files.length, COMPARED) },
    (_, index) => files[Math.floor(index * step)],
  ).filter((file) => file !== undefined);
}

/** What readelf prints of each file. */
function readelf(paths: readonly string[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (let at = 0; at < paths.length; at += 100) {
    const some = paths.slice(at, at + 100);
    const args = ['-W', '-h', '-l', '-d', '-S', '--dyn-syms', ...some];
    const text = execFileSync('readelf', args, {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for (const part of text.split(/^File: /m).slice(1)) {
      const end = part.indexOf('\n');
      texts.set(part.slice(0, end), part.slice(end));
    }
  }
  return texts;
}

function all(text: string, form: RegExp): string[] {
  return [...text.matchAll(form)].map((match) => match[1] ?? '');
}

/** The words of our view, from readelf's. */
function described(text: string): Record<string, unknown> {
  const [type] = all(text, /^ {2}Type: +(\w+)/gm);
  const [interpreter] = all(text, /Requesting program interpreter: (.*)\]$/gm);
  const [soname] = all(text, /\(SONAME\) +Library soname: \[(.*)\]$/gm);
  const isProgram =
    type === 'EXEC' ||
    /\(FLAGS_1\).*\bPIE\b/.test(text) ||
    (interpreter !== undefined && soname === undefined);
  const relro = !/^ {2}GNU_RELRO /m.test(text)
    ? 'none'
    : /\((?:FLAGS|FLAGS_1|BIND_NOW)\).*NOW|\(BIND_NOW\)/.test(text)
      ? 'full'
      : 'partial';
  const [stack = 'E'] = all(text, /^ {2}GNU_STACK .* ([RWE ]{3}) 0x/gm);
  const undefinedNames = all(text, /^ +\d+: [0-9a-f]+ +\S+ +\w+ +\w+ +\w+ +UND ([^@\s]+)/gm);
  return {
    class: Number(all(text, /^ {2}Class: +ELF(\d+)/gm)[0]),
    type: type === 'EXEC' ? 'executable' : 'shared',
    interpreter,
    soname,
    needed: all(text, /\(NEEDED\) +Shared library: \[(.*)\]$/gm),
    rpath: all(text, /\(RPATH\) +Library rpath: \[(.*)\]$/gm)[0],
    runpath: all(text, /\(RUNPATH\) +Library runpath: \[(.*)\]$/gm)[0],
    relro,
    nx: !stack.includes('E'),
    pie: isProgram ? type !== 'EXEC' : undefined,
    ...(text.includes("Symbol table '.dynsym'")
      ? {
          stackProtector: undefinedNames.includes('__stack_chk_fail'),
          fortify: undefinedNames.some((name) => /^__\w+_chk$/.test(name)),
        }
      : {}),
    stripped: !/ SYMTAB | \.debug_info /.test(text),
  };
}

/** What the loader of this machine finds for a file, by name. */
function ldd(loader: string, path: string): Map<string, string | undefined> {
  const { stdout: text } = spawnSync(loader, ['--list', path], { encoding: 'utf8', env: {} });
  const lines = text.matchAll(/^\t(\S+) => (?:(\/.*) \(0x[0-9a-f]+\)|not found)$/gm);
  return new Map([...lines].map(([, name = '', found]) => [name, found]));
}

const LOADERS: Readonly<Record<string, string>> = {
  x64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
};

describeWith('the programs and libraries of this machine', { tools: ['readelf', 'gcc'] }, () => {
  let files: ElfFile[] = [];
  let view: ImageView;

  beforeAll(async () => {
    view = await viewOfMachine();
    files = resolveElf(view);
    expect(files.length).toBeGreaterThan(200);
  });

  it('say what readelf reads', () => {
    const texts = readelf(sample(files).map(({ path }) => `/${path}`));
    for (const { path, elf, hardening, stripped } of sample(files)) {
      const expected = described(texts.get(`/${path}`) ?? '');
      const { class: width, type, interpreter, soname, needed, rpath, runpath } = elf;
      const { relro, nx, pie, stackProtector, fortify } = hardening;
      const ours = {
        class: width,
        type,
        interpreter,
        soname,
        needed,
        rpath,
        runpath,
        relro,
        nx,
        pie,
        stripped,
      };
      const calls = 'fortify' in expected ? { stackProtector, fortify } : {};
      expect({ ...ours, ...calls }, path).toEqual(expected);
    }
  });

  it('find the libraries that the loader finds', () => {
    const loader = LOADERS[process.arch] ?? '';
    const own = files.filter(({ isForeign, elf }) => !isForeign && elf.class === 64 && elf.needed.length > 0);
    let compared = 0;
    for (const { path, libraries } of sample(own)) {
      const found = ldd(loader, `/${path}`);
      for (const { name, path: ours } of libraries) {
        if (!found.has(name)) continue;
        const theirs = found.get(name);
        const real = theirs === undefined ? undefined : realpathSync(theirs).slice(1);
        // A run path may lead out of the folders that are in the view.
        if (real !== undefined && view.tree.resolve(real) === undefined) continue;
        expect(ours, `${name} of ${path}`).toBe(real);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(200);
  });
});
