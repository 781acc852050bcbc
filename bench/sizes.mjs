import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';
import { hostPlatform } from './prepare.mjs';
import { formatBytes } from './report.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = fileURLToPath(new URL('build-catalogue.mjs', import.meta.url));

/** @typedef {{ name: string, size: number, unpacked: number }} Built */

/**
 * Row 8: compressed size of each image beside that of the same packages as they are, with documentation and all.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @returns {import('./report.mjs').Line[]}
 */
export function measureSizes(preparation) {
  const whole = preparation.path('whole');
  const own = build(preparation, ROOT);
  makeWhole(whole);
  const full = build(preparation, whole);
  return own.flatMap(({ name, size }) => {
    const peer = full.find((other) => other.name === name);
    if (!peer) return [];
    return [
      {
        id: '8',
        what: `size of ${name}`,
        pith: formatBytes(size),
        peer: 'the same packages whole',
        value: formatBytes(peer.size),
        ratio: (size / peer.size).toFixed(2),
        aim: 'under 1.00',
        isMet: size < peer.size,
        figures: { pith: size, peer: peer.size },
      },
    ];
  });
}

/** @param {import('./prepare.mjs').Preparation} preparation @param {string} folder @returns {Built[]} */
function build(preparation, folder) {
  const argv = [process.execPath, BUILD, folder, hostPlatform()];
  const env = { ...process.env, PITH_CACHE_DIR: preparation.cache };
  return JSON.parse(run({ argv, env, cwd: preparation.path() }));
}

/**
 * pith's folder with a catalogue that leaves nothing out of a package.
 * @param {string} folder
 */
function makeWhole(folder) {
  mkdirSync(folder);
  cpSync(join(ROOT, 'catalogue'), join(folder, 'catalogue'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'dist'), join(folder, 'dist'));
  for (const name of readdirSync(join(folder, 'catalogue')).filter((file) => file.endsWith('.yaml'))) {
    const path = join(folder, 'catalogue', name);
    writeFileSync(path, withoutRules(readFileSync(path, 'utf8')));
  }
}

/** Makes `drop` and `only` rules of a definition match nothing, but those of what is only there to be derived from. */
function withoutRules(/** @type {string} */ text) {
  return text
    .replace(/^contents:\n( .*\n)+/m, '')
    .replace(/(name: (?!ca-certificates|busybox-static|npm:)\S+.*\n) +contents:.*\n( {6}drop:.*\n)?/g, '$1');
}
