import { Buildah } from './buildah.mjs';
import { hostPlatform } from './prepare.mjs';
import { run } from './process.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./rounds.mjs').Contender} Contender */

/** Milliseconds over `node -e 0`. */
const AIM = 60;

/**
 * Row 2: the second build of cc-debian13:latest into the same layout, nothing changed.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureSecondBuild(preparation, { runs, isWanted }) {
  preparation.cc();
  const args = [
    'build',
    'cc-debian13:latest',
    '--platform',
    hostPlatform(),
    '--output',
    preparation.layout('cc'),
  ];
  preparation.online(args);
  /** @type {Contender} */
  const pith = { name: 'pith', command: preparation.pith(args, preparation.cache) };
  /** @type {Contender} */
  const node = {
    name: '`node -e 0`',
    command: { argv: [process.execPath, '-e', '0'], env: preparation.environment() },
  };
  const canBuildah = isWanted('2b') && preparation.has('buildah', '2b') && preparation.isRoot('2b');
  const buildah = canBuildah ? cachedBuildah(preparation) : undefined;
  const times = measureInTurn([pith, node, ...(buildah ? [buildah] : [])], runs);
  const own = times.get(pith.name);
  return [node, buildah].flatMap((contender, index) => {
    const id = index === 0 ? '2a' : '2b';
    const peer = contender && times.get(contender.name);
    if (!own || !peer || !isWanted(id)) return [];
    const over = own.median - peer.median;
    const ratio = own.median / peer.median;
    return [
      {
        id,
        what: 'second build, nothing changed',
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

/** @param {import('./prepare.mjs').Preparation} preparation @returns {Contender} */
function cachedBuildah(preparation) {
  const buildah = new Buildah(preparation);
  const command = buildah.command(['bud', '--quiet', '--layers', '--tag', 'cc', preparation.unpackedRoot()]);
  run(command);
  return { name: `${buildah.describe()}: bud --layers, cached`, command };
}
