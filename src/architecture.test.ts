import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** What each room may import: the table of ARCHITECTURE.md. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  yaml: ['core'],
  archive: ['core'],
  http: ['core'],
  store: ['core'],
  distro: ['core', 'archive', 'http'],
  resolve: ['core', 'distro'],
  rootfs: ['core', 'archive'],
  app: ['core', 'archive', 'rootfs'],
  oci: ['core', 'archive'],
  inspect: ['core', 'archive', 'distro', 'rootfs', 'oci'],
  structure: ['core', 'yaml', 'oci', 'inspect'],
  policy: ['core'],
  check: ['core', 'yaml', 'policy', 'distro', 'rootfs', 'oci', 'inspect'],
  page: ['core', 'oci', 'inspect'],
  location: ['core', 'archive', 'http', 'oci'],
  build: [
    'core',
    'archive',
    'http',
    'store',
    'distro',
    'resolve',
    'rootfs',
    'oci',
    'location',
    'app',
    'yaml',
    'policy',
  ],
  cli: [
    ...['core', 'archive', 'http', 'store', 'distro', 'resolve', 'rootfs', 'oci', 'location', 'app', 'build'],
    ...['inspect', 'structure', 'policy', 'check', 'page'],
  ],
};
/** Rooms that open no socket and touch no disk. */
const PURE = [
  'core',
  'yaml',
  'resolve',
  'rootfs',
  'oci',
  'app',
  'inspect',
  'structure',
  'policy',
  'check',
  'page',
];
const SIDE_EFFECTS = /^node:(fs|net|http|https|child_process|worker_threads|dgram|tls)/;

const SOURCE = fileURLToPath(new URL('.', import.meta.url));
const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

interface Module {
  readonly path: string;
  readonly room: string;
  /** Paths of imported modules of ours, types too. */
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

const modules: Module[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.test.ts') &&
      !file.startsWith(join('archive', 'wasm', 'assembly')),
  )
  .map((path) => {
    const names = [...readFileSync(join(SOURCE, path), 'utf8').matchAll(IMPORT)].map(
      (match) => match[1] ?? '',
    );
    const isOwn = (name: string): boolean => name.startsWith('.');
    return {
      path,
      room: path.includes(sep) ? (path.split(sep)[0] ?? '') : '',
      imports: names.filter(isOwn).map((name) => relative(SOURCE, resolve(SOURCE, dirname(path), name))),
      packages: names.filter((name) => !isOwn(name)),
    };
  });
const shipped = modules.filter(({ room }) => room !== 'testing' && room !== '');

describe('imports', () => {
  it('were found at all, in every room', () => {
    for (const room of Object.keys(ROOMS))
      expect(modules.filter((module) => module.room === room).length, room).toBeGreaterThan(1);
    expect(modules.reduce((count, module) => count + module.imports.length, 0)).toBeGreaterThan(200);
  });

  it('go only in the allowed directions, and every room is in the table', () => {
    const wrong = shipped.flatMap(({ path, room, imports }) =>
      imports
        .map((target) => ({ path, room, to: target.split(sep)[0] ?? '', target }))
        .filter(({ to }) => to !== room && !ROOMS[room]?.includes(to)),
    );
    expect(wrong).toEqual([]);
    expect(shipped.filter(({ room }) => !Object.hasOwn(ROOMS, room))).toEqual([]);
  });

  it('of another room go through its index', () => {
    const wrong = shipped.flatMap(({ path, room, imports }) =>
      imports
        .filter(
          (target) =>
            !target.startsWith(`${room}${sep}`) && target !== join(target.split(sep)[0] ?? '', 'index.ts'),
        )
        .map((target) => `${path} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('make no circle, types counted', () => {
    const byPath = new Map(modules.map((module) => [module.path, module]));
    const done = new Set<string>();
    const visit = (path: string, above: readonly string[]): void => {
      if (above.includes(path))
        throw new Error(`circle: ${[...above.slice(above.indexOf(path)), path].join(' → ')}`);
      if (done.has(path)) return;
      for (const target of byPath.get(path)?.imports ?? []) visit(target, [...above, path]);
      done.add(path);
    };
    for (const { path } of shipped) visit(path, []);
    expect(done.size).toBeGreaterThan(50);
  });

  it('of pure rooms reach neither disk nor network', () => {
    const wrong = shipped
      .filter(({ room }) => PURE.includes(room))
      .flatMap(({ path, packages }) =>
        packages.filter((name) => SIDE_EFFECTS.test(name)).map((name) => `${path} → ${name}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('exports', () => {
  it('are all used by another file, tests counted', () => {
    const texts = new Map(
      readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.startsWith(join('archive', 'wasm', 'assembly')))
        .map((path) => [path, readFileSync(join(SOURCE, path), 'utf8')]),
    );
    const isIndex = (path: string): boolean => path !== 'index.ts' && basename(path) === 'index.ts';
    const unused = [...texts].flatMap(([path, text]) => {
      const names = [...text.matchAll(/^export (?:async )?(?:function\*? |const |class )(\w+)/gm)].map(
        (match) => match[1] ?? '',
      );
      return names
        .filter((name) => {
          const word = new RegExp(`\\b${name}\\b`);
          return ![...texts].some(
            ([other, content]) => other !== path && !isIndex(other) && word.test(content),
          );
        })
        .map((name) => `${path}: ${name}`);
    });
    expect(unused.filter((line) => !line.startsWith('archive/wasm'))).toEqual([]);
  });
});
