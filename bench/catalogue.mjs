import { readFileSync, rmSync } from 'node:fs';
import { isInstalled, quote, run } from './process.mjs';
import { formatBytes, formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./prepare.mjs').Preparation} Preparation */

/**
 * Row 3: all images, variants and platforms of the catalogue with an empty segment cache.
 * @param {Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureCatalogue(preparation, { runs }) {
  const { args, lockfile } = wholeCatalogue(preparation);
  preparation.rememberDownloads();
  const output = preparation.path('all-images');
  const before = () => {
    preparation.coldCache();
    rmSync(output, { recursive: true, force: true });
  };
  const command = preparation.pith(
    [...args, '--output', preparation.layout('all-images'), '--json'],
    preparation.path('cold'),
  );
  before();
  const report = /** @type {{ decompressed: number, images: { name: string, platforms: string[] }[] }} */ (
    JSON.parse(run(command))
  );
  const times = measureInTurn([{ name: 'pith', before, command }], runs).get('pith');
  if (!times) return [];
  const images = report.images.reduce((sum, { platforms }) => sum + platforms.length, 0);
  const platforms = new Set(report.images.flatMap((image) => image.platforms)).size;
  const what = `first build of all ${images} images (${report.images.length} names, ${platforms} platforms)`;
  const wall = {
    id: '3',
    what,
    pith: formatTimes(times),
    peer: '–',
    value: '–',
    ratio: '–',
    aim: '–',
    isMet: undefined,
    figures: { pith: times },
  };
  if (!isInstalled('dpkg-deb')) {
    preparation.notes.push('Row 3 lacks the sum of all packages: dpkg-deb is not installed.');
    return [wall];
  }
  const { count, bytes } = uniquePackages(preparation, lockfile);
  const ratio = report.decompressed / bytes;
  return [
    wall,
    {
      id: '3',
      what: 'bytes decompressed for them',
      pith: formatBytes(report.decompressed),
      peer: `data.tar of ${count} unique packages`,
      value: formatBytes(bytes),
      ratio: ratio.toFixed(2),
      aim: '1.00',
      isMet: report.decompressed === bytes,
      figures: { decompressed: report.decompressed, unique: bytes, ratio },
    },
  ];
}

/** @type {WeakMap<Preparation, import('./prepare.mjs').Subject>} */
const catalogues = new WeakMap();

/**
 * The catalogue, locked and downloaded once, for all platforms, or if a mirror lacks some, for those that every image has and
 * the mirror offers.
 * @param {Preparation} preparation
 */
export function wholeCatalogue(preparation) {
  const known = catalogues.get(preparation);
  const subject = known ?? lockCatalogue(preparation);
  catalogues.set(preparation, subject);
  return subject;
}

/** @param {Preparation} preparation */
function lockCatalogue(preparation) {
  try {
    return preparation.lock('all', [], ['--all'], ['all']);
  } catch (error) {
    const platforms = commonPlatforms(preparation).filter((platform) => isOffered(preparation, platform));
    if (platforms.length === 0) throw error;
    process.stderr.write(`bench: not all platforms: ${/** @type {Error} */ (error).message}\n`);
    preparation.notes.push(
      `The package mirror did not offer all platforms of the catalogue: "all" means ${platforms.join(' and ')}.`,
    );
    return preparation.lock('all', [], ['--all'], platforms);
  }
}

/** @param {Preparation} preparation @returns {string[]} the platforms that every image of the catalogue has */
function commonPlatforms(preparation) {
  const images = /** @type {{ platforms: string[] }[]} */ (JSON.parse(preparation.online(['ls', '--json'])));
  const [first, ...rest] = images.map(({ platforms }) => platforms);
  return (first ?? []).filter((platform) => rest.every((others) => others.includes(platform)));
}

/** @param {Preparation} preparation @param {string} platform */
function isOffered(preparation, platform) {
  try {
    preparation.online(['lock', '--platform', platform, '--lockfile', preparation.path('probe.lock')]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Uncompressed sizes of the data.tar of all packages of a lockfile, each once, as dpkg-deb gives them.
 * @param {Preparation} preparation
 * @param {string} lockfile
 */
function uniquePackages(preparation, lockfile) {
  const { packages } = /** @type {{ packages: Record<string, { digest?: string }> }} */ (
    JSON.parse(readFileSync(lockfile, 'utf8'))
  );
  const digests = [...new Set(Object.values(packages).flatMap(({ digest }) => digest ?? []))];
  const bytes = digests.reduce((sum, digest) => {
    const script = `dpkg-deb --fsys-tarfile ${quote(preparation.blob(digest))} | wc -c`;
    return sum + Number(run({ argv: ['sh', '-c', script] }));
  }, 0);
  return { count: digests.length, bytes };
}
