import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeManyFilesLayout } from './many-files-layout.mjs';
import { hostPlatform } from './prepare.mjs';
import { isInstalled, quote, run } from './process.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./prepare.mjs').Preparation} Preparation */
/** @typedef {import('./rounds.mjs').Contender} Contender */

const NAME = 'java21-debian13';
const LARGE = 'gigabyte';
const DEFINITION = `name: ${LARGE}
description: A gigabyte of programs
extends: static-debian13
packages: [openjdk-21-jdk-headless, golang-go, chromium]
`;
const AIM = 1.5;
/** Milliseconds over `node -e 0`. */
const AIM_CACHED = 200;
const FILES = 500_000;
const AIM_MEMORY = 400e6;
const FILE_TESTS = 100;
const TESTED = [
  '/etc/passwd',
  '/etc/ssl/certs/ca-certificates.crt',
  '/usr/bin/java',
  '/usr/lib/jvm/java-21-openjdk-amd64/lib/modules',
  '/usr/share/zoneinfo/Europe/Berlin',
];
const PEAK = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));

/**
 * Row 12: `pith inspect --json` of an image against what only lists its files, and of what it knows already.
 * @param {Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureInspect(preparation, options) {
  const isWanted = (/** @type {string} */ id) => options.isWanted(id);
  const lines = [];
  if (isWanted('12a') || isWanted('12b')) {
    preparation.image(NAME);
    lines.push(...measureImage(preparation, NAME, ['12a', '12b'].filter(isWanted), options.runs));
  }
  if (isWanted('12c') || isWanted('12d')) {
    const definition = preparation.path(`${LARGE}.yaml`);
    writeFileSync(definition, DEFINITION);
    preparation.lock(LARGE, [definition], [`${definition}:latest`], [hostPlatform()]);
    lines.push(...measureImage(preparation, LARGE, ['12c', '12d'].filter(isWanted), options.runs));
  }
  if (isWanted('12e')) lines.push(measureMemory(preparation));
  if (isWanted('12f') || isWanted('12g')) {
    preparation.image(NAME);
    lines.push(...measureImage(preparation, NAME, ['12f', '12g'].filter(isWanted), options.runs, ['check']));
  }
  if (isWanted('12h') || isWanted('12i')) {
    preparation.image(NAME);
    const words = ['test', '-c', writeFileTests(preparation)];
    const ids = ['12h', '12i'].filter(isWanted);
    lines.push(...measureImage(preparation, NAME, ids, options.runs, words, 'test, 100 files'));
  }
  return lines;
}

/**
 * A hundred structure tests of files that java21 has.
 * @param {Preparation} preparation
 * @returns {string} its path
 */
function writeFileTests(preparation) {
  const path = preparation.path('files.test.json');
  const tests = Array.from({ length: FILE_TESTS }, (_, at) => ({
    name: `file ${at}`,
    path: TESTED[at % TESTED.length],
    shouldExist: true,
    uid: 0,
    gid: 0,
  }));
  writeFileSync(path, JSON.stringify({ schemaVersion: '2.0.0', fileExistenceTests: tests }));
  return path;
}

/**
 * @param {Preparation} preparation
 * @param {string} name
 * @param {readonly string[]} ids the first time, and the second time
 * @param {number} runs
 * @param {readonly string[]} words the command of pith
 * @param {string} title what it does
 * @returns {import('./report.mjs').Line[]}
 */
function measureImage(preparation, name, ids, runs, words = ['inspect', '--json'], title = words.join(' ')) {
  const cache = preparation.path('cache-of-inspect');
  const inspect = preparation.pithOnline([...words, preparation.layout(name)], cache);
  const what = `\`${title}\` of ${name}`;
  const cold = {
    name: `inspect ${name}`,
    before: () => rmSync(cache, { recursive: true, force: true }),
    command: inspect,
  };
  const node = {
    name: 'node -e 0',
    command: { argv: [process.execPath, '-e', '0'], env: preparation.environment() },
  };
  const lines = [];
  const [first, second] = ['acfh', 'bdgi'].map((letters) => ids.find((id) => letters.includes(id.slice(2))));
  if (first !== undefined) {
    const peers = peersOf(preparation, name, first);
    const times = measureInTurn([cold, ...peers], runs);
    const own = times.get(cold.name);
    for (const peer of peers) {
      const other = times.get(peer.name);
      if (!own || !other) continue;
      const ratio = own.median / other.median;
      const isAim = peer === peers[0];
      lines.push({
        id: first,
        what: `${what}, first time`,
        pith: formatTimes(own),
        peer: peer.name,
        value: formatTimes(other),
        ratio: ratio.toFixed(2),
        aim: isAim ? `at most ${AIM.toFixed(2)}` : '–',
        isMet: isAim ? ratio <= AIM : undefined,
        figures: { pith: own, peer: other, ratio },
      });
    }
  }
  if (second !== undefined) {
    run(inspect);
    const cached = { name: `inspect ${name} again`, command: inspect };
    const times = measureInTurn([cached, node], runs);
    const [own, other] = [times.get(cached.name), times.get(node.name)];
    if (own && other) {
      const over = own.median - other.median;
      lines.push({
        id: second,
        what: `${what}, second time`,
        pith: formatTimes(own),
        peer: '`node -e 0`',
        value: formatTimes(other),
        ratio: `+${Math.round(over)} ms`,
        aim: `at most +${AIM_CACHED} ms`,
        isMet: over <= AIM_CACHED,
        figures: { pith: own, peer: other, over },
      });
    }
  }
  return lines;
}

/**
 * What lists the files of an image: gzip and tar over its layers first.
 * @param {Preparation} preparation
 * @param {string} name
 * @param {string} id
 * @returns {Contender[]}
 */
function peersOf(preparation, name, id) {
  const layout = preparation.path(name);
  const environment = preparation.environment();
  const script = layersOf(layout)
    .map((blob) => `gzip -dc ${quote(blob)} | tar -t`)
    .join('\n');
  const peers = [
    {
      name: '`gzip -dc \\| tar -t` over the layers',
      command: { argv: sh(`{ ${script}\n} > /dev/null`), env: environment },
    },
  ];
  if (preparation.isRoot(id) && preparation.has('podman', id)) {
    const storage = [
      '--root',
      preparation.path('inspect-storage'),
      '--runroot',
      preparation.path('inspect-run'),
    ];
    const loaded = run({
      argv: ['podman', ...storage, 'load', '--quiet', '--input', archiveOf(preparation, name)],
    });
    const image = loaded.trim().replace(/^Loaded image: /, '');
    const save = ['podman', ...storage, 'save', image].map(quote).join(' ');
    peers.push({
      name: '`podman save \\| tar -t`',
      command: { argv: sh(`${save} | tar -t > /dev/null`), env: environment },
    });
  }
  if (preparation.isRoot(id) && preparation.has('umoci', id)) {
    const bundle = preparation.path('inspect-bundle');
    peers.push({
      name: '`umoci unpack`',
      before: () => rmSync(bundle, { recursive: true, force: true }),
      command: {
        argv: ['umoci', 'unpack', '--image', `${layout}:${nameIn(layout)}`, bundle],
        env: environment,
      },
    });
  }
  if (isInstalled('dive')) {
    const archive = archiveOf(preparation, name);
    const output = preparation.path('dive.json');
    peers.push({
      name: '`dive --json`',
      command: {
        argv: ['dive', `docker-archive://${archive}`, '--json', output],
        env: { ...environment, CI: 'true' },
      },
    });
  } else preparation.notes.push(`${id}: dive is not installed`);
  return peers;
}

/**
 * The image as `docker save` writes it; neither podman nor dive takes the path of the layout.
 * @param {Preparation} preparation
 * @param {string} name
 * @returns {string}
 */
function archiveOf(preparation, name) {
  const archive = preparation.path(`${name}.tar`);
  if (!existsSync(archive))
    run(
      preparation.pithOnline(
        ['copy', preparation.layout(name), `docker-archive:${archive}:${name}:1`],
        preparation.cache,
      ),
    );
  return archive;
}

/** @param {string} script @returns {[string, ...string[]]} */
function sh(script) {
  return ['sh', '-c', script];
}

/** @param {string} layout @returns {string[]} the files of the layers of its only image */
function layersOf(layout) {
  const blob = (/** @type {string} */ digest) => join(layout, 'blobs', ...digest.split(':'));
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'));
  const [image] = read(join(layout, 'index.json')).manifests;
  return read(blob(image.digest)).layers.map((/** @type {{ digest: string }} */ { digest }) => blob(digest));
}

/** @param {string} layout @returns {string} the name of its only image */
function nameIn(layout) {
  const [image] = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests;
  return image.annotations['org.opencontainers.image.ref.name'];
}

/** @param {Preparation} preparation @returns {import('./report.mjs').Line} */
function measureMemory(preparation) {
  const layout = preparation.path('many-files-layout');
  makeManyFilesLayout(layout, FILES);
  const cache = preparation.path('cache-of-inspect');
  const output = preparation.path('peak');
  const peaks = [1, 2].map((time) => {
    if (time === 1) rmSync(cache, { recursive: true, force: true });
    const command = preparation.pithOnline(['inspect', '--json', `oci:${layout}`], cache, {
      nodeArgs: ['--import', PEAK],
      env: { PITH_BENCH_PEAK: output },
    });
    run({ ...command, argv: ['sh', '-c', 'exec "$@" > /dev/null', 'sh', ...command.argv] });
    return Number(readFileSync(output, 'utf8'));
  });
  const peak = Math.max(...peaks);
  return {
    id: '12e',
    what: `memory of \`inspect --json\` of ${FILES.toLocaleString('en-US')} files`,
    pith: `${Math.round(peak / 1e6)} MB`,
    peer: '–',
    value: '–',
    ratio: '–',
    aim: `below ${AIM_MEMORY / 1e6} MB`,
    isMet: peak < AIM_MEMORY,
    figures: { peaks },
  };
}
