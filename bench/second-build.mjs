import { Buildah } from './buildah.mjs';
import { hostPlatform } from './prepare.mjs';
import { run } from './process.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./rounds.mjs').Contender} Contender */

/** Milliseconds over `node -e 0`. */
const AIM = 60;

/**
 * Rows 2, 5d and 6d: the second build of an image into the same layout, nothing changed.
 * @param {string} name
 * @param {readonly [string, string?]} ids of the lines: against Node.js, against buildah
 * @returns {(preparation: import('./prepare.mjs').Preparation, options: import('./report.mjs').Options) => import('./report.mjs').Line[]}
 */
export function measureSecondBuild(name, ids) {
  return (preparation, options) => {
    if (!ids.some((id) => id !== undefined && options.isWanted(id))) return [];
    return measure(preparation, options, name, ids);
  };
}

/**
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @param {string} name
 * @param {readonly [string, string?]} ids
 * @returns {import('./report.mjs').Line[]}
 */
function measure(preparation, { runs, isWanted }, name, [overId, buildahId]) {
  preparation.image(name);
  const target = [`${name}:latest`, '--platform', hostPlatform()];
  const args = ['build', ...target, '--output', preparation.layout(name)];
  preparation.online(args);
  /** @type {Contender} */
  const pith = { name: 'pith', command: preparation.pith(args, preparation.cache) };
  /** @type {Contender} */
  const node = {
    name: '`node -e 0`',
    command: { argv: [process.execPath, '-e', '0'], env: preparation.environment() },
  };
  const canBuildah =
    buildahId !== undefined &&
    isWanted(buildahId) &&
    preparation.has('buildah', buildahId) &&
    preparation.isRoot(buildahId);
  const buildah = canBuildah ? cachedBuildah(preparation, name) : undefined;
  const times = measureInTurn([pith, node, ...(buildah ? [buildah] : [])], runs);
  const own = times.get(pith.name);
  return [node, buildah].flatMap((contender, index) => {
    const id = index === 0 ? overId : (buildahId ?? '');
    const peer = contender && times.get(contender.name);
    if (!own || !peer || !isWanted(id)) return [];
    const over = own.median - peer.median;
    const ratio = own.median / peer.median;
    return [
      {
        id,
        what: `second build of ${name}, nothing changed`,
        pith: formatTimes(own),
        peer: contender.name,
        value: formatTimes(peer),
        ...(index === 0
          ? { ratio: `+${over.toFixed(0)} ms`, aim: `at most +${AIM} ms`, isMet: over <= AIM }
          : { ratio: ratio.toFixed(2), aim: '–', isMet: undefined }),
        figures: { pith: own, peer, ratio, over },
      },
    ];
  });
}

/** @param {import('./prepare.mjs').Preparation} preparation @param {string} layout @returns {Contender} */
function cachedBuildah(preparation, layout) {
  const buildah = new Buildah(preparation);
  const command = buildah.command([
    'bud',
    '--quiet',
    '--layers',
    '--tag',
    layout,
    preparation.unpackedRoot(layout),
  ]);
  run(command);
  return { name: `${buildah.describe()}: bud --layers, cached`, command };
}
