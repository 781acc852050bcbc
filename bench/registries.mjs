import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DockerRegistry } from './docker-registry.mjs';
import { makeOtherImage, putIndex } from './other-image.mjs';
import { isInstalled, run } from './process.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./prepare.mjs').Preparation} Preparation */
/** @typedef {import('./rounds.mjs').Contender} Contender */
/** @typedef {import('./process.mjs').Command} Command */

const NAME = 'java21-debian13';
/** The platforms of the index; the first is that of the image which the others are made from. */
const ARCHITECTURES = ['arm64', 'ppc64le', 's390x'];
const LINES = ['10a', '10b', '10c', '10d', '10e'];
/** Milliseconds over `node -e 0`. */
const AIM_UNCHANGED = 100;

/**
 * A program that moves images, by what it is called with. A place is a name in a registry, or the folder of an OCI layout.
 * @typedef {object} Mover
 * @property {string} name with its version
 * @property {(folder: string, to: string) => Command} push
 * @property {(from: string, to: string) => Command} copy an index with all platforms
 * @property {(from: string, folder: string) => Command} pull
 */

/**
 * A line: before each start, `before` puts the registries into the same state, and `expect` looks at the end whether it
 * worked.
 * @typedef {object} Task
 * @property {string} id
 * @property {string} what
 * @property {() => void} before
 * @property {(mover: Mover) => Command} command
 * @property {() => boolean} isDone
 */

/**
 * Row 10: images to, between and from registries of this machine, against the faster of crane and skopeo.
 * @param {Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureRegistries(preparation, { runs, isWanted }) {
  const wanted = LINES.filter(isWanted);
  if (wanted.length === 0 || !preparation.has('docker-registry', 'Row 10')) return [];
  const movers = [pith(preparation), ...peersOf(preparation)];
  const registries = /** @type {const} */ ([
    new DockerRegistry(preparation.path('registry')),
    new DockerRegistry(preparation.path('other-registry')),
  ]);
  try {
    return tasksOf(preparation, registries)
      .filter(({ id }) => wanted.includes(id))
      .flatMap((task) => measureTask(preparation, movers, task, runs));
  } finally {
    for (const registry of registries) registry.stop();
  }
}

/**
 * @param {Preparation} preparation
 * @param {readonly Mover[]} movers
 * @param {Task} task
 * @param {number} runs
 * @returns {import('./report.mjs').Line[]}
 */
function measureTask(preparation, movers, { id, what, before, command, isDone }, runs) {
  /** @type {Contender[]} */
  const contenders = movers.map((mover) => ({
    name: mover.name,
    before,
    command: command(mover),
    after: () => {
      if (!isDone()) throw new Error(`${mover.name} did not do it: ${what}`);
    },
  }));
  const node = {
    name: '`node -e 0`',
    command: { argv: /** @type {const} */ ([process.execPath, '-e', '0']), env: preparation.environment() },
  };
  const times = measureInTurn([...contenders, ...(id === '10b' ? [node] : [])], runs);
  const own = times.get('pith');
  if (!own) return [];
  const common = { id, what, pith: formatTimes(own) };
  const [faster] = contenders
    .slice(1)
    .flatMap(({ name }) => ({ name, time: times.get(name) ?? own }))
    .sort((a, b) => a.time.median - b.time.median);
  const started = times.get(node.name);
  const lines = [];
  if (faster) {
    const ratio = own.median / faster.time.median;
    lines.push({
      ...common,
      peer: faster.name,
      value: formatTimes(faster.time),
      ratio: ratio.toFixed(2),
      aim: 'at most 1.00',
      isMet: ratio <= 1,
      figures: { ratio, times: Object.fromEntries(times) },
    });
  }
  if (started) {
    const over = own.median - started.median;
    lines.push({
      ...common,
      peer: node.name,
      value: formatTimes(started),
      ratio: `+${over.toFixed(0)} ms`,
      aim: `at most +${AIM_UNCHANGED} ms`,
      isMet: over <= AIM_UNCHANGED,
      figures: { pith: own, peer: started, over },
    });
  }
  return lines;
}

/**
 * @param {Preparation} preparation
 * @param {readonly [DockerRegistry, DockerRegistry]} registries
 * @returns {Task[]}
 */
function tasksOf(preparation, [registry, other]) {
  preparation.image(NAME);
  const layout = preparation.path(NAME);
  const { digest, layers } = readImage(layout);
  const middle = [...layers].sort((a, b) => a.size - b.size)[layers.length >> 1];
  const changedLayout = preparation.path('changed');
  const { digest: changed } = makeOtherImage(layout, changedLayout, 20, {
    isOther: (layer) => layer.digest === middle?.digest,
  });
  const indexLayout = preparation.path('four-platforms');
  const images = ARCHITECTURES.map((architecture, i) =>
    makeOtherImage(layout, indexLayout, i + 1, { isOther: () => true, architecture }),
  );
  run({ argv: ['cp', '-a', `${layout}/blobs`, indexLayout] });
  const index = putIndex(indexLayout, [...images, ...readIndex(layout)]);

  const [here, there] = [`${registry.host}/java21:latest`, `${other.host}/java21:latest`];
  const target = preparation.path('pulled');
  const fill = (/** @type {string} */ folder, /** @type {string} */ wanted) => {
    if (registry.digestOf('java21', 'latest') === wanted) return;
    registry.empty();
    run(pith(preparation).push(folder, here));
  };
  const has = (/** @type {DockerRegistry} */ place, /** @type {string} */ wanted) =>
    place.digestOf('java21', 'latest') === wanted;
  let isRemembered = false;
  return [
    {
      id: '10a',
      what: `push of ${NAME} to an empty registry`,
      before: () => registry.empty(),
      command: ({ push }) => push(layout, here),
      isDone: () => has(registry, digest),
    },
    {
      id: '10b',
      what: `push of ${NAME}, nothing changed`,
      before: () => fill(layout, digest),
      command: ({ push }) => push(layout, here),
      isDone: () => has(registry, digest),
    },
    {
      id: '10c',
      what: `push of ${NAME} with one layer changed`,
      before: () => {
        if (!isRemembered) {
          fill(layout, digest);
          registry.remember();
        }
        isRemembered = true;
        registry.restore();
      },
      command: ({ push }) => push(changedLayout, here),
      isDone: () => has(registry, changed),
    },
    {
      id: '10d',
      what: 'copy of an index with four platforms to another registry',
      before: () => {
        fill(indexLayout, index);
        other.empty();
      },
      command: ({ copy }) => copy(here, there),
      isDone: () => has(other, index),
    },
    {
      id: '10e',
      what: `pull of ${NAME} into an OCI layout`,
      before: () => {
        fill(layout, digest);
        rmSync(target, { recursive: true, force: true });
      },
      command: ({ pull }) => pull(here, target),
      isDone: () =>
        readIndex(target)[0]?.digest === digest &&
        layers.every((layer) => existsSync(join(target, 'blobs', layer.digest.replace(':', '/')))),
    },
  ];
}

/** @param {string} layout @returns {import('./other-image.mjs').Descriptor[]} */
function readIndex(layout) {
  return JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests;
}

/** @param {string} layout @returns {{ digest: string, layers: import('./other-image.mjs').Descriptor[] }} of its only image */
function readImage(layout) {
  const digest = readIndex(layout)[0]?.digest ?? '';
  const { layers } = JSON.parse(readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8'));
  return { digest, layers };
}

/** @param {Preparation} preparation @returns {Mover} */
function pith(preparation) {
  const command = (/** @type {readonly string[]} */ ...args) =>
    preparation.pithOnline(args, preparation.cache);
  return {
    name: 'pith',
    push: (folder, to) => command('push', folder, to),
    copy: (from, to) => command('copy', from, to),
    pull: (from, folder) => command('pull', from, `oci:${folder}`),
  };
}

/** @param {Preparation} preparation @returns {Mover[]} those that are installed; the table names the others */
function peersOf(preparation) {
  const found = [crane(preparation), skopeo(preparation)].filter(({ name }) => isInstalled(name));
  const absent = ['crane', 'skopeo'].filter((name) => found.every((mover) => mover.name !== name));
  const [first] = found;
  if (absent.length > 0) {
    const without = absent.map((name) => `${name} is not installed`).join(', ');
    preparation.notes.push(
      first ? `Row 10 is against ${first.name} alone: ${without}.` : `Row 10 lacks its peers: ${without}.`,
    );
  }
  return found.map((mover) => ({ ...mover, name: `${mover.name} ${versions[mover.name]?.() ?? ''}` }));
}

/** @type {Readonly<Record<string, () => string>>} */
const versions = {
  crane: () => run({ argv: ['crane', 'version'] }).trim(),
  skopeo: () => /\d+(\.\d+)+/.exec(run({ argv: ['skopeo', '--version'] }))?.[0] ?? '',
};

/** @param {Preparation} preparation @returns {Mover} */
function crane(preparation) {
  const command = (/** @type {readonly string[]} */ ...args) =>
    /** @type {Command} */ ({ argv: ['crane', ...args], env: preparation.environment() });
  return {
    name: 'crane',
    push: (folder, to) => command('push', folder, to),
    copy: (from, to) => command('copy', from, to),
    pull: (from, folder) => command('pull', '--format=oci', from, folder),
  };
}

/** @param {Preparation} preparation @returns {Mover} */
function skopeo(preparation) {
  // Even root's skopeo then remembers what it saw of blobs below this home, and not in the machine's folders.
  const env = preparation.environment({
    _CONTAINERS_ROOTLESS_UID: '1',
    XDG_DATA_HOME: preparation.path('home', 'data'),
  });
  const command = (/** @type {readonly string[]} */ ...args) =>
    /** @type {Command} */ ({ argv: ['skopeo', '--insecure-policy', 'copy', '--quiet', ...args], env });
  const source = '--src-tls-verify=false';
  const destination = '--dest-tls-verify=false';
  return {
    name: 'skopeo',
    push: (folder, to) => command(destination, `oci:${folder}`, `docker://${to}`),
    copy: (from, to) => command('--all', source, destination, `docker://${from}`, `docker://${to}`),
    pull: (from, folder) => command(source, `docker://${from}`, `oci:${folder}`),
  };
}
