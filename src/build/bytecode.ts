import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { link, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decompress, type LayerCompression, readTar } from '../archive/index.ts';
import { byText, canonicalJson, digestOf, hexOf, PithError, systemCode } from '../core/index.ts';
import { type FileTree, type ImageFile, regularFile } from '../rootfs/index.ts';
import type { Store } from '../store/index.ts';
import type { Segment } from './segments.ts';

const RECORD = 'bytecode';
/** Changes when the same sources would give other byte code. */
const BYTECODE_VERSION = 1;
const MAX_OUTPUT = 1 << 20;

/** The interpreter of an image and the sources that it compiles. */
interface Python {
  /** `usr/bin/python3.13` */
  readonly path: string;
  /** `3.13` */
  readonly version: string;
  readonly sources: readonly string[];
}

export interface BytecodeTools {
  readonly store: Store;
  readonly compression: LayerCompression;
  readonly signal?: AbortSignal;
}

/**
 * Python's byte code (PEP 3147, PEP 552 unchecked hash) of all modules of an image that have none. The image's own
 * interpreter makes it, outside of any container, from a copy of the image's files: it is the only program of an image
 * that pith ever runs, and only where a definition asks for it. The result depends on nothing but interpreter and sources.
 *
 * @param segments all segments of the image so far
 * @returns the files; empty for an image without Python
 * @throws PithError BYTECODE_FAILED where the interpreter does not run here, as on another processor without emulation
 */
export async function compileBytecode(
  tree: FileTree,
  segments: readonly Segment[],
  tools: BytecodeTools,
): Promise<ImageFile[]> {
  const python = findPython(tree);
  if (!python || python.sources.length === 0) return [];
  const digests = [python.path, ...python.sources].map((path) => [path, tree.get(path)?.file.digest]);
  const key = hexOf(digestOf(canonicalJson([BYTECODE_VERSION, digests])));
  const known = tools.store.readRecord(RECORD, key) as Record<string, string> | undefined;
  const made = known ? await readKnown(known, tools.store) : undefined;
  const contents = made ?? (await runInCopy(python, tree, segments, tools));
  if (!made) {
    const record: Record<string, string> = {};
    for (const [path, content] of contents) record[path] = await tools.store.writeBlob(content);
    await tools.store.writeRecord(RECORD, key, record);
  }
  return [...contents].map(([source, content]) =>
    regularFile(targetOf(source, python.version), content, `byte code of /${source}`, {
      mtime: tree.get(source)?.file.mtime ?? 0,
    }),
  );
}

function findPython(tree: FileTree): Python | undefined {
  const interpreters = [...tree.entries()].flatMap(([path, { file }]) => {
    const version = /^usr\/bin\/python(3\.\d+)$/.exec(path)?.[1];
    return version !== undefined && file.type === 'file' ? [{ path, version }] : [];
  });
  const [python] = interpreters;
  if (!python) return undefined;
  const sources = [...tree.entries()]
    .filter(
      ([path, { file }]) =>
        file.type === 'file' &&
        /^usr\/(local\/)?lib\/python3[^/]*\/.*\.py$/.test(path) &&
        !tree.get(targetOf(path, python.version)),
    )
    .map(([path]) => path);
  return { ...python, sources: sources.sort(byText) };
}

/** `usr/lib/python3.13/__pycache__/ssl.cpython-313.pyc` for `usr/lib/python3.13/ssl.py`. */
function targetOf(source: string, version: string): string {
  const name = source.slice(source.lastIndexOf('/') + 1, -'.py'.length);
  return `${dirname(source)}/__pycache__/${name}.cpython-${version.replace('.', '')}.pyc`;
}

async function readKnown(
  record: Readonly<Record<string, string>>,
  store: Store,
): Promise<Map<string, Uint8Array> | undefined> {
  const contents = new Map<string, Uint8Array>();
  for (const [path, digest] of Object.entries(record)) {
    const bytes = await store.readBlob(digest as `sha256:${string}`);
    if (!bytes) return undefined;
    contents.set(path, bytes);
  }
  return contents;
}

async function runInCopy(
  python: Python,
  tree: FileTree,
  segments: readonly Segment[],
  tools: BytecodeTools,
): Promise<Map<string, Uint8Array>> {
  const root = tools.store.temporaryPath();
  try {
    await mkdir(root);
    for (const segment of segments) await unpack(segment, root, tools);
    await run(python, tree, root, tools.signal);
    const contents = new Map<string, Uint8Array>();
    for (const source of python.sources) {
      const bytes = await readFile(join(root, targetOf(source, python.version))).catch(() => undefined);
      // A source that cannot be compiled, such as a test of the compiler, stays as it is.
      if (bytes) contents.set(source, bytes);
    }
    return contents;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** What Python needs of an image to run: programs, libraries and modules. */
const NEEDED = /^(usr\/)?(lib[^/]*|bin)\//;

async function unpack(segment: Segment, root: string, { store, compression }: BytecodeTools): Promise<void> {
  const blob = createReadStream(store.pathOf(segment.blob), { highWaterMark: 1 << 20 });
  for await (const { entry, body } of readTar(decompress(compression, blob, 'a segment'), 'a segment')) {
    const { path, type, linkName, mode } = entry;
    if (!NEEDED.test(path)) continue;
    const place = join(root, path);
    await mkdir(type === 'directory' ? place : dirname(place), { recursive: true });
    if (type === 'file') await writeFile(place, body, { mode: mode & 0o777 });
    else if (type === 'symlink') await replace(place, () => symlink(linkName, place));
    else if (type === 'hardlink') await replace(place, () => link(join(root, linkName), place));
  }
}

async function replace(place: string, make: () => Promise<void>): Promise<void> {
  await rm(place, { force: true });
  await make();
}

/** Runs the copy's interpreter through its own loader, so that nothing of this machine is used. */
async function run(
  { path, version, sources }: Python,
  tree: FileTree,
  root: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const loader = tree.get(path)?.file.elf?.interpreter;
  const list = join(root, 'sources');
  await writeFile(list, sources.map((source) => `${join(root, source)}\n`).join(''));
  const folders = [...new Set([...tree.entries()].filter(isLibrary).map(([place]) => dirname(place)))];
  const program = join(root, resolveLoader(loader ?? '', tree));
  const args = [
    ...['--inhibit-cache', '--library-path', folders.map((folder) => join(root, folder)).join(':')],
    ...[join(root, path), '-s', '-S', '-B', '-m', 'compileall', '-q', '-f'],
    ...['-s', root, '-p', '/', '--invalidation-mode', 'unchecked-hash', '-i', list],
  ];
  const env = { PYTHONHOME: join(root, 'usr'), PYTHONHASHSEED: '0', LC_ALL: 'C.UTF-8' };
  const options = { cwd: root, env, maxBuffer: MAX_OUTPUT, ...(signal ? { signal } : {}) };
  await new Promise<void>((resolve, reject) => {
    execFile(program, args, options, (error) => {
      // 1 says that some source could not be compiled.
      if (!error || error.code === 1) resolve();
      else reject(cannotRun(version, systemCode(error) ?? `exit code ${String(error.code)}`, error));
    });
  });
}

function isLibrary([path]: [string, unknown]): boolean {
  return /\.so(\.[\d.]+)?$/.test(path) && !path.includes('/python3');
}

/** The loader's own place: /lib64/ld-linux-x86-64.so.2 where /lib64 is a link into /usr. */
function resolveLoader(loader: string, tree: FileTree): string {
  const name = loader.replace(/^\/+/, '');
  return tree.get(name)?.file.type === 'file' ? name : tree.get(`usr/${name}`) ? `usr/${name}` : name;
}

function cannotRun(version: string, why: string, cause: unknown): PithError {
  return new PithError(
    'BYTECODE_FAILED',
    `Python ${version} of the image could not be run here to make byte code (${why})`,
    {
      cause,
      hint: 'Build on Linux with the image’s processor or with qemu-user in binfmt_misc, or leave out `bytecode`.',
    },
  );
}
