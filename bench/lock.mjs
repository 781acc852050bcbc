import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostPlatform } from './prepare.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./rounds.mjs').Contender} Contender */

/** Things that people build on: together more than 200 packages. */
const DEFINITION = `name: many
extends: cc-debian13
packages: [libgtk-3-0t64, libavcodec61, libmagickwand-7.q16-10, libgdal36]
variants: {nonroot: {}, debug: {}, debug-nonroot: {}}
`;
/** Milliseconds over `node -e 0`. */
const AIMS = { '7a': 300, '7b': 450 };

/**
 * Row 7: `pith lock` of an own image: when nothing has changed, and when its packages have to be resolved anew.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureLock(preparation, { runs, isWanted }) {
  const folder = preparation.path('lock-definition');
  mkdirSync(folder);
  const [definition, lockfile] = [join(folder, 'many.yaml'), join(folder, 'pith.lock')];
  writeFileSync(definition, DEFINITION);
  const args = ['lock', definition, '--platform', hostPlatform(), '--lockfile', lockfile];
  preparation.online(args);
  const { packages } = JSON.parse(readFileSync(lockfile, 'utf8'));
  const count = Object.keys(packages).length;
  const forget = () => {
    const records = join(preparation.cache, 'v1', 'records', 'resolution');
    if (existsSync(records)) rmSync(records, { recursive: true });
  };
  /** @type {readonly (Contender & { id: '7a' | '7b', what: string })[]} */
  const contenders = [
    {
      id: '7a',
      name: 'warm',
      what: `pith lock of ${count} packages, nothing changed`,
      command: preparation.pith(args, preparation.cache),
    },
    {
      id: '7b',
      name: 'anew',
      what: `pith lock, ${count} packages resolved anew`,
      before: forget,
      command: preparation.pith(args, preparation.cache),
    },
  ];
  const node = {
    name: '`node -e 0`',
    command: { argv: [process.execPath, '-e', '0'], env: preparation.environment() },
  };
  const wanted = contenders.filter(({ id }) => isWanted(id));
  const times = measureInTurn([node, ...wanted], runs);
  const peer = times.get(node.name);
  return wanted.flatMap(({ id, name, what }) => {
    const own = times.get(name);
    if (!own || !peer) return [];
    const over = own.median - peer.median;
    return [
      {
        id,
        what,
        pith: formatTimes(own),
        peer: node.name,
        value: formatTimes(peer),
        ratio: `+${over.toFixed(0)} ms`,
        aim: `at most +${AIMS[id]} ms`,
        isMet: over <= AIMS[id],
        figures: { pith: own, peer, over, packages: count },
      },
    ];
  });
}
