import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled, run } from './process.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WORK = fileURLToPath(new URL('.work', import.meta.url));

/** An image that is mostly two very large packages. */
const LARGE = `name: large
description: A Java runtime and LLVM
extends: static-debian13
packages: [openjdk-21-jre-headless, libllvm19]
`;

/** Records of the cache that tell of something made, not of something downloaded. */
const MADE = ['image', 'segment', 'layer'];

/**
 * @typedef {object} LockedPackage
 * @property {string} name
 * @property {string} version
 * @property {number} size bytes
 * @property {string} digest
 */

/**
 * What is to be built: names and a lockfile, with everything that they need in the cache.
 * @typedef {object} Subject
 * @property {readonly string[]} args of `pith build`, without the output
 * @property {string} lockfile
 */

/**
 * Downloads and everything else that is not measured. It all lies in bench/.work, of which `cache` outlives a run, so
 * that only the first one needs the network for packages.
 */
export class Preparation {
  /** What the reader of the table has to know: peers that are missing, platforms that could not be had. */
  notes = /** @type {string[]} */ ([]);
  /** pith's cache with all downloads and all that was made of them. */
  cache = join(WORK, 'cache');
  #downloads = join(WORK, 'downloads');
  /** @type {Map<string, Subject>} */
  #images = new Map();
  #large = /** @type {Subject | undefined} */ (undefined);

  constructor() {
    mkdirSync(WORK, { recursive: true });
    for (const name of readdirSync(WORK)) if (name !== 'cache') rmSync(join(WORK, name), { recursive: true });
    for (const name of ['home', 'tmp']) mkdirSync(this.path(name));
    run({ argv: [process.execPath, join(ROOT, 'pith'), '--version'] });
  }

  /** @param {readonly string[]} parts @returns {string} a path in the working folder */
  path(...parts) {
    return join(WORK, ...parts);
  }

  /**
   * The environment of all that is timed: nothing that changes what pith or a peer does, and no NODE_EXTRA_CA_CERTS, for
   * which Node.js 20 pays 38 ms.
   * @param {Readonly<Record<string, string>>} [more]
   */
  environment(more) {
    return {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      HOME: this.path('home'),
      TMPDIR: this.path('tmp'),
      ...more,
    };
  }

  /**
   * pith as it is installed from npm, without the launcher of a checkout, on a cache, and off the network.
   * @param {readonly string[]} args
   * @param {string} cache
   * @param {{ nodeArgs?: readonly string[], env?: Readonly<Record<string, string>> }} [options]
   * @returns {import('./process.mjs').Command}
   */
  pith(args, cache, options) {
    return this.pithOnline([...args, '--offline'], cache, options);
  }

  /**
   * As pith, for commands that talk to registries of this machine.
   * @param {readonly string[]} args
   * @param {string} cache
   * @param {{ nodeArgs?: readonly string[], env?: Readonly<Record<string, string>> }} [options]
   * @returns {import('./process.mjs').Command}
   */
  pithOnline(args, cache, { nodeArgs = [], env } = {}) {
    return {
      argv: [process.execPath, ...nodeArgs, join(ROOT, 'dist', 'pith.js'), ...args, '--quiet'],
      cwd: WORK,
      env: this.environment({ PITH_CACHE_DIR: cache, ...env }),
    };
  }

  /** Runs pith on the cache with the network and the user's environment. @param {readonly string[]} args */
  online(args) {
    return run({
      argv: [process.execPath, join(ROOT, 'dist', 'pith.js'), ...args, '--quiet'],
      cwd: WORK,
      env: { ...process.env, PITH_CACHE_DIR: this.cache },
    });
  }

  /**
   * Locks images and builds them once, so that everything is downloaded.
   * @param {string} name of the lockfile and the output in the working folder
   * @param {readonly string[]} names `NAME` or a path for `pith lock`; none means the whole catalogue
   * @param {readonly string[]} targets for `pith build`
   * @param {readonly string[]} platforms
   * @returns {Subject}
   */
  lock(name, names, targets, platforms) {
    const lockfile = this.path(`${name}.lock`);
    rmSync(lockfile, { force: true });
    this.online(['lock', ...names, '--platform', platforms.join(','), '--lockfile', lockfile]);
    const args = ['build', ...targets, '--platform', platforms.join(','), '--locked', '--lockfile', lockfile];
    this.online([...args, '--output', this.layout(name)]);
    return { args, lockfile };
  }

  /** @param {string} name @returns {string} the location of an OCI layout in the working folder */
  layout(name) {
    return `oci:${this.path(name)}`;
  }

  /** @param {string} name @returns {Subject} its variant `latest` for this machine; the image is in the layout of that name */
  image(name) {
    const known = this.#images.get(name);
    const subject = known ?? this.lock(name, [name], [`${name}:latest`], [hostPlatform()]);
    this.#images.set(name, subject);
    return subject;
  }

  /** @returns {Subject} a large image for this machine; it is in the layout `large` */
  large() {
    if (this.#large) return this.#large;
    const definition = this.path('large-definition', 'large.yaml');
    mkdirSync(this.path('large-definition'));
    writeFileSync(definition, LARGE);
    return (this.#large = this.lock('large', [definition], [`${definition}:latest`], [hostPlatform()]));
  }

  /**
   * The package files of an image in the order of their size, the largest first, as links with their own names.
   * @param {Subject} subject
   * @param {string} name of the folder for the links
   * @returns {string[]} absolute paths
   */
  packageFiles({ args, lockfile }, name) {
    const shown = run(
      this.pith(['show', args[1] ?? '', '--locked', '--lockfile', lockfile, '--json'], this.cache),
    );
    const [{ packages }] = /** @type {[{ packages: LockedPackage[] }]} */ (JSON.parse(shown));
    const folder = this.path(name);
    mkdirSync(folder);
    return packages
      .sort((a, b) => b.size - a.size)
      .map((wanted) => {
        const path = join(folder, `${wanted.name}_${wanted.version.replace(':', '%3a')}.deb`);
        linkSync(this.blob(wanted.digest), path);
        return path;
      });
  }

  /** @param {string} digest @param {string} [cache] @returns {string} where the cache keeps a blob */
  blob(digest, cache = this.cache) {
    const hex = digest.replace('sha256:', '');
    return join(cache, 'v1', 'blobs', 'sha256', hex.slice(0, 2), hex);
  }

  /**
   * From now on {@link coldCache} gives what the cache holds at this moment but for everything that was made: the records
   * of segments, layers and images, and the blobs that they name.
   */
  rememberDownloads() {
    rmSync(this.#downloads, { recursive: true, force: true });
    run({ argv: ['cp', '-al', this.cache, this.#downloads] });
    for (const kind of MADE) {
      const folder = join(this.#downloads, 'v1', 'records', kind);
      if (!existsSync(folder)) continue;
      for (const name of readdirSync(folder)) {
        for (const [digest] of readFileSync(join(folder, name), 'utf8').matchAll(/sha256:[0-9a-f]{64}/g))
          rmSync(this.blob(digest, this.#downloads), { force: true });
      }
      rmSync(folder, { recursive: true });
    }
  }

  /** @returns {string} a fresh cache that holds downloads only; the one before is gone */
  coldCache() {
    const folder = this.path('cold');
    rmSync(folder, { recursive: true, force: true });
    run({ argv: ['cp', '-al', this.#downloads, folder] });
    return folder;
  }

  /**
   * @param {string} program
   * @param {string} line of the table that needs it
   * @returns {boolean} whether it is there; if not, the table says so
   */
  has(program, line) {
    if (isInstalled(program)) return true;
    this.notes.push(`${line} was not measured: ${program} is not installed.`);
    return false;
  }

  /** @param {string} line @returns {boolean} whether this is root; if not, the table says so */
  isRoot(line) {
    if (process.getuid?.() === 0) return true;
    this.notes.push(`${line} was not measured: it needs root.`);
    return false;
  }

  /**
   * Unpacks the layers of the image in a layout, and writes the Dockerfile that makes the same image of them.
   * @param {string} layout
   * @returns {string} a folder with `rootfs` and `Dockerfile`
   */
  unpackedRoot(layout) {
    const context = this.path(`${layout}-context`);
    if (existsSync(context)) return context;
    const rootfs = join(context, 'rootfs');
    mkdirSync(rootfs, { recursive: true });
    const json = (/** @type {string} */ path) => JSON.parse(readFileSync(this.path(layout, path), 'utf8'));
    const blob = (/** @type {{ digest: string }} */ { digest }) => join('blobs', digest.replace(':', '/'));
    const manifest = json(blob(json('index.json').manifests[0]));
    for (const layer of manifest.layers)
      run({ argv: ['tar', '-xzpf', this.path(layout, blob(layer)), '-C', rootfs] });
    const { config } = json(blob(manifest.config));
    writeFileSync(
      join(context, 'Dockerfile'),
      [
        'FROM scratch',
        'COPY rootfs/ /',
        ...config.Env.map((/** @type {string} */ entry) => `ENV ${entry}`),
        `USER ${config.User}`,
        `WORKDIR ${config.WorkingDir}`,
        '',
      ].join('\n'),
    );
    return context;
  }
}

/** @returns {string} this machine's platform as images name it */
export function hostPlatform() {
  const architecture =
    { x64: 'amd64', ppc64: 'ppc64le' }[/** @type {string} */ (process.arch)] ?? process.arch;
  return `linux/${architecture}`;
}

/** @param {string} program @returns {string} its name and version */
export function versionOf(program) {
  const version = /\d+(\.\d+)+/.exec(run({ argv: ['sh', '-c', `${program} --version 2>&1`] }))?.[0];
  return [program, version].filter((part) => part !== undefined).join(' ');
}
