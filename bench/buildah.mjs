import { run } from './process.mjs';

/** buildah with a storage of its own, so that the machine's is not touched. */
export class Buildah {
  #preparation;
  /** The words that each call starts with. */
  argv;

  /** @param {import('./prepare.mjs').Preparation} preparation */
  constructor(preparation) {
    this.#preparation = preparation;
    this.argv = /** @type {const} */ ([
      'buildah',
      '--root',
      preparation.path('storage', 'root'),
      '--runroot',
      preparation.path('storage', 'run'),
    ]);
  }

  /** @param {readonly string[]} args @returns {import('./process.mjs').Command} */
  command(args) {
    return { argv: [...this.argv, ...args], env: this.#preparation.environment() };
  }

  /** @returns {string} name and version with the storage driver */
  describe() {
    const { store } = JSON.parse(run(this.command(['info'])));
    const version = /\d+(\.\d+)+/.exec(run(this.command(['--version'])))?.[0] ?? '';
    return `buildah ${version} (${store.GraphDriverName})`;
  }

  /** Removes working containers, which nobody counts as part of making an image. */
  removeContainers() {
    run(this.command(['rm', '--all']));
  }
}
