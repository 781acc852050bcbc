import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';

/** Milliseconds that a registry may take to start. */
const PATIENCE = 10_000;

/** Debian's docker-registry on a free port of this machine, with its files in a folder that can be emptied. */
export class DockerRegistry {
  #folder;
  #process;
  /** `127.0.0.1:PORT` */
  host;

  /** Starts it. @param {string} folder for its files; it is made @throws {Error} if it does not start */
  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    const configuration = {
      version: '0.1',
      log: { accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: this.#data } },
      http: { addr: '127.0.0.1:0' },
    };
    writeFileSync(join(folder, 'config.yml'), JSON.stringify(configuration));
    const said = openSync(join(folder, 'log'), 'w');
    this.#process = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', said],
    });
    closeSync(said);
    this.#process.unref();
    process.once('exit', () => this.stop());
    this.host = this.#waitForAddress();
  }

  stop() {
    this.#process.kill('SIGKILL');
  }

  /** Forgets everything. */
  empty() {
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** Keeps what it holds now, for {@link restore}. */
  remember() {
    rmSync(this.#remembered, { recursive: true, force: true });
    run({ argv: ['cp', '-a', this.#data, this.#remembered] });
  }

  /** Holds what was remembered, and nothing else. */
  restore() {
    this.empty();
    run({ argv: ['cp', '-a', this.#remembered, this.#data] });
  }

  /** @param {string} repository @param {string} tag @returns {string | undefined} the digest that a tag stands for */
  digestOf(repository, tag) {
    const link = ['docker/registry/v2/repositories', repository, '_manifests/tags', tag, 'current/link'];
    try {
      return readFileSync(join(this.#data, ...link), 'utf8');
    } catch {
      return undefined;
    }
  }

  get #data() {
    return join(this.#folder, 'data');
  }

  get #remembered() {
    return join(this.#folder, 'remembered');
  }

  #waitForAddress() {
    for (let waited = 0; waited < PATIENCE; waited += 20) {
      const said = readFileSync(join(this.#folder, 'log'), 'utf8');
      const host = /listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (host !== undefined) return host;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
    throw new Error(`docker-registry did not start (see ${join(this.#folder, 'log')})`);
  }
}
