import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Buildah } from './buildah.mjs';
import { versionOf } from './prepare.mjs';
import { quote, run } from './process.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./prepare.mjs').Preparation} Preparation */
/** @typedef {import('./rounds.mjs').Contender} Contender */

/**
 * A command that pith is compared with.
 * @typedef {object} Peer
 * @property {string} id of the line
 * @property {number | undefined} aim the highest ratio that is good, if there is one
 * @property {readonly string[]} tools programs that it needs
 * @property {boolean} [needsRoot]
 * @property {() => Contender} make
 */

/** What the native pipeline needs. */
const NATIVE_TOOLS = ['ar', 'xz', 'pigz', 'sha256sum', 'xargs'];

/**
 * Rows 1, 5 and 6: first builds with an empty segment cache, of an image of the catalogue.
 * @param {string} row
 * @param {string} name
 * @returns {(preparation: Preparation, options: import('./report.mjs').Options) => import('./report.mjs').Line[]}
 */
export function measureFirstBuild(row, name) {
  return (preparation, options) => {
    if (!['a', 'b', 'c'].some((line) => options.isWanted(row + line))) return [];
    const subject = preparation.image(name);
    const files = preparation.packageFiles(subject, `${name}-packages`);
    return compare(preparation, options, `first build of ${name}`, subject, name, [
      {
        id: `${row}a`,
        aim: 0.8,
        tools: NATIVE_TOOLS,
        make: () => nativePipeline(preparation, files),
      },
      {
        id: `${row}b`,
        aim: 1 / 3,
        tools: ['mmdebstrap', 'dpkg-deb'],
        make: () => mmdebstrap(preparation, files),
      },
      {
        id: `${row}c`,
        aim: 1 / 3,
        tools: ['buildah', 'tar'],
        needsRoot: true,
        make: () => buildahCommit(preparation, name),
      },
    ]);
  };
}

/**
 * Row 1d: the first build of a large image against the native pipeline.
 * @param {Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureLargeBuild(preparation, options) {
  if (!options.isWanted('1d')) return [];
  const files = preparation.packageFiles(preparation.large(), 'large-packages');
  return compare(preparation, options, 'first build of a large image', preparation.large(), 'large', [
    { id: '1d', aim: undefined, tools: NATIVE_TOOLS, make: () => nativePipeline(preparation, files) },
  ]);
}

/**
 * @param {Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @param {string} what
 * @param {import('./prepare.mjs').Subject} subject
 * @param {string} layout the folder with the subject's image
 * @param {readonly Peer[]} wanted
 * @returns {import('./report.mjs').Line[]}
 */
function compare(preparation, { runs, isWanted }, what, subject, layout, wanted) {
  preparation.rememberDownloads();
  const peers = wanted
    .filter(({ id, tools }) => isWanted(id) && tools.every((tool) => preparation.has(tool, id)))
    .filter(({ id, needsRoot }) => !needsRoot || preparation.isRoot(id))
    .map(({ id, aim, make }) => ({ id, aim, contender: make() }));
  const times = measureInTurn(
    [firstBuild(preparation, subject, layout), ...peers.map(({ contender }) => contender)],
    runs,
  );
  const pith = times.get('pith');
  return peers.flatMap(({ id, aim, contender }) => {
    const peer = times.get(contender.name);
    if (!pith || !peer) return [];
    const ratio = pith.median / peer.median;
    return [
      {
        id,
        what,
        pith: formatTimes(pith),
        peer: contender.name,
        value: formatTimes(peer),
        ratio: ratio.toFixed(2),
        aim: aim === undefined ? '–' : `at most ${aim.toFixed(2)}`,
        isMet: aim === undefined ? undefined : ratio <= aim,
        figures: { pith, peer, ratio },
      },
    ];
  });
}

/**
 * @param {Preparation} preparation
 * @param {import('./prepare.mjs').Subject} subject
 * @param {string} layout
 * @returns {Contender}
 */
function firstBuild(preparation, { args }, layout) {
  const output = preparation.path('first');
  const expected = readFileSync(preparation.path(layout, 'index.json'), 'utf8');
  return {
    name: 'pith',
    before: () => {
      preparation.coldCache();
      rmSync(output, { recursive: true, force: true });
    },
    command: preparation.pith([...args, '--output', preparation.layout('first')], preparation.path('cold')),
    after: () => {
      if (readFileSync(join(output, 'index.json'), 'utf8') !== expected)
        throw new Error(`${output} holds another image than the one built at first`);
    },
  };
}

/** @param {Preparation} preparation @param {readonly string[]} files @returns {Contender} */
function nativePipeline(preparation, files) {
  const output = preparation.path('native');
  const list = preparation.path('native.list');
  writeFileSync(list, files.map((file) => `${file}\n`).join(''));
  const each = [
    'ar p "$1" data.tar.xz | xz -dc | pigz -6',
    '| tee "$0/${1##*/}.gz" | sha256sum > "$0/${1##*/}.sha256"',
  ].join(' ');
  const atOnce = availableParallelism();
  return {
    name: `${versionOf('xz')}, ${versionOf('pigz')}, sha256sum`,
    before: () => {
      rmSync(output, { recursive: true, force: true });
      mkdirSync(output);
    },
    command: {
      argv: ['sh', '-c', `xargs -P ${atOnce} -n 1 sh -c ${quote(each)} ${quote(output)} < ${quote(list)}`],
      env: preparation.environment(),
    },
    after: () => {
      const made = readdirSync(output).filter((name) => name.endsWith('.gz'));
      const isWhole = made.every((name) => statSync(join(output, name)).size > 100);
      if (made.length !== files.length || !isWhole)
        throw new Error(`the native pipeline did not pack all packages (see ${output})`);
    },
  };
}

/**
 * mmdebstrap from a local repository of exactly these packages, without relations: so it fetches and adds nothing.
 * @param {Preparation} preparation
 * @param {readonly string[]} files
 * @returns {Contender}
 */
function mmdebstrap(preparation, files) {
  const folder = dirname(files[0] ?? '');
  const output = preparation.path('mmdebstrap.tar');
  const names = files.map((file) => run({ argv: ['dpkg-deb', '-f', file, 'Package'] }).trim());
  const fields = ['Package', 'Version', 'Architecture', 'Multi-Arch', 'Maintainer', 'Description'];
  const stanzas = files.map((file) => {
    const [digest = ''] = run({ argv: ['sha256sum', file] }).split(' ');
    const control = run({ argv: ['dpkg-deb', '-f', file, ...fields] });
    return `${control}Filename: ./${basename(file)}\nSize: ${statSync(file).size}\nSHA256: ${digest}\n`;
  });
  writeFileSync(join(folder, 'Packages'), stanzas.join('\n'));
  return {
    name: `${versionOf('mmdebstrap')} to a tar`,
    before: () => {
      rmSync(output, { force: true });
    },
    command: {
      argv: [
        'mmdebstrap',
        '--quiet',
        '--variant=extract',
        `--include=${names.join(',')}`,
        '',
        output,
        `deb [trusted=yes] copy:${folder} ./`,
      ],
      env: preparation.environment(),
    },
    after: () => {
      const listed = run({ argv: ['tar', '-tf', output] });
      if (!listed.includes('libc.so.6')) throw new Error(`${output} is not complete`);
    },
  };
}

/** @param {Preparation} preparation @param {string} layout @returns {Contender} */
function buildahCommit(preparation, layout) {
  const buildah = new Buildah(preparation);
  const context = preparation.unpackedRoot(layout);
  const output = preparation.path('buildah');
  const words = buildah.argv.map(quote).join(' ');
  const script = [
    'set -e',
    `container=$(${words} from scratch)`,
    `${words} add --quiet "$container" ${quote(join(context, 'rootfs'))} / > ${quote(preparation.path('buildah.added'))}`,
    `${words} commit --quiet --disable-compression=false "$container" ${quote(`oci:${output}:latest`)}`,
  ].join('\n');
  return {
    name: `${buildah.describe()}: from, add, commit`,
    before: () => {
      rmSync(output, { recursive: true, force: true });
    },
    command: { argv: ['sh', '-c', script], env: preparation.environment() },
    after: () => {
      buildah.removeContainers();
      if (!readFileSync(join(output, 'index.json'), 'utf8').includes('"manifests"'))
        throw new Error(`${output} is no layout`);
    },
  };
}
