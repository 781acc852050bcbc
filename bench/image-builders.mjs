import { writeFileSync } from 'node:fs';
import { isInstalled, quote, run } from './process.mjs';

/** @typedef {import('./prepare.mjs').Preparation} Preparation */
/** @typedef {import('./process.mjs').Command} Command */

/**
 * What makes an image of an application and pushes it.
 * @typedef {object} Builder
 * @property {string} name with its version
 * @property {string} tag of its image
 * @property {() => void} forget what it knows of the application, but not of the base
 * @property {(folder: string, image: string) => Command} command
 */

/**
 * podman and buildah with storages of their own, which hold the base image; each builds from a Dockerfile with its cache of
 * layers, and pushes.
 * @param {Preparation} preparation
 * @param {string} base in a registry of this machine
 * @returns {Builder[]} those that are installed; the table names the others
 */
export function imageBuilders(preparation, base) {
  if (!preparation.isRoot('The peers of row 11')) return [];
  const dockerfile = preparation.path('Dockerfile.express');
  // As pith does it: dependencies apart from the application.
  writeFileSync(
    dockerfile,
    [
      `FROM ${base}`,
      'WORKDIR /app',
      'COPY node_modules ./node_modules',
      'COPY package.json package-lock.json server.js ./',
      'ENV NODE_ENV=production',
      'USER 65532',
      'ENTRYPOINT ["/nodejs/bin/node", "server.js"]',
      '',
    ].join('\n'),
  );
  const found = ['podman', 'buildah'].filter((program) => isInstalled(program));
  for (const program of ['podman', 'buildah'])
    if (!found.includes(program))
      preparation.notes.push(`Row 11 is without ${program}: it is not installed.`);
  return found.map((program) => builder(preparation, program, base, dockerfile));
}

/** @param {Preparation} preparation @param {string} program @param {string} base @param {string} dockerfile @returns {Builder} */
function builder(preparation, program, base, dockerfile) {
  const env = preparation.environment();
  const storage = (/** @type {string} */ part) => preparation.path(`${program}-storage`, part);
  const start = /** @type {const} */ ([program, '--root', storage('root'), '--runroot', storage('run')]);
  const own = program === 'podman' ? [...start, '--tmpdir', storage('tmp')] : start;
  const [first, ...rest] = own;
  const command = (/** @type {readonly string[]} */ ...args) =>
    /** @type {Command} */ ({ argv: [first ?? program, ...rest, ...args], env });
  run(command('pull', '--quiet', '--tls-verify=false', base));
  const version = /\d+(\.\d+)+/.exec(run({ argv: [program, '--version'] }))?.[0] ?? '';
  return {
    name: `${program} ${version}`,
    tag: program,
    forget: () => {
      const images = run(command('images', '--all', '--noheading')).split('\n');
      const [, kept] = images.map(columns).find(([name]) => name === base) ?? [];
      const ids = new Set(
        images.map(columns).flatMap(([, id]) => (id === undefined || id === kept ? [] : [id])),
      );
      if (ids.size > 0) run(command('rmi', '--force', ...ids));
    },
    command: (folder, image) => {
      const build = program === 'podman' ? ['build', '--pull=never'] : ['bud', '--pull-never'];
      const options = ['--quiet', '--layers', '--file', dockerfile, '--tag', image, folder];
      const push = ['push', '--quiet', '--tls-verify=false', image];
      const words = (/** @type {readonly string[]} */ args) => [...own, ...args].map(quote).join(' ');
      const built = [...build, ...options];
      return { argv: ['sh', '-c', `${words(built)} && ${words(push)}`], env };
    },
  };
}

/** @param {string} line of a list of images @returns {readonly [name: string, id: string | undefined]} */
function columns(line) {
  const [repository = '', tag = '', id] = line.split(/\s+/);
  return [`${repository}:${tag}`, id];
}
