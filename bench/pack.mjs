import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerRegistry } from './docker-registry.mjs';
import { imageBuilders } from './image-builders.mjs';
import { makeManyFiles } from './many-files.mjs';
import { versionOf } from './prepare.mjs';
import { quote, run } from './process.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

/** @typedef {import('./prepare.mjs').Preparation} Preparation */
/** @typedef {import('./rounds.mjs').Contender} Contender */
/** @typedef {import('./rounds.mjs').Summary} Summary */
/** @typedef {import('./image-builders.mjs').Builder} Builder */

const BASE = 'nodejs24-debian13';
/** The time that a peer takes, divided by this, is the aim. */
const AIM = 1 / 3;
/** Milliseconds over `node -e 0`. */
const AIM_UNCHANGED = 150;
const AIM_MANY = 1.5;
const LINES = ['11a', '11b', '11c'];
const LINES_OF_MANY = ['11d', '11e'];

const MANIFEST = {
  name: 'bench',
  version: '1.0.0',
  private: true,
  scripts: { start: 'node server.js' },
  dependencies: { express: '5.1.0' },
};
const SOURCE = `const express = require('express');
const app = express();
app.get('/', (_request, response) => response.send('hello'));
const server = app.listen(8080);
process.on('SIGTERM', () => server.close());
`;

/**
 * Row 11: an application onto an image of the catalogue and into a registry of this machine, against the faster of podman and
 * buildah; and 100,000 small files, against tar and pigz.
 * @param {Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measurePack(preparation, options) {
  const isWanted = (/** @type {string} */ id) => options.isWanted(id);
  const [some, many] = [LINES.filter(isWanted), LINES_OF_MANY.filter(isWanted)];
  if (some.length + many.length === 0) return [];
  preparation.image(BASE);
  const cache = new CacheOfBase(preparation);
  return [
    ...(some.length > 0 &&
    preparation.has('docker-registry', '11a to 11c') &&
    preparation.has('npm', '11a to 11c')
      ? measureApplication(preparation, cache, some, options.runs)
      : []),
    ...(many.length > 0 && preparation.has('pigz', '11d and 11e')
      ? measureMany(preparation, cache, many, options.runs)
      : []),
  ];
}

/** A cache for packing: it holds the base, and of applications nothing when it is fresh. */
class CacheOfBase {
  #base;
  path;

  /** @param {Preparation} preparation */
  constructor(preparation) {
    this.#base = preparation.path('cache-of-base');
    this.path = preparation.path('cache-of-pack');
    run({ argv: ['cp', '-al', preparation.cache, this.#base] });
    this.refresh();
  }

  refresh() {
    rmSync(this.path, { recursive: true, force: true });
    run({ argv: ['cp', '-al', this.#base, this.path] });
  }
}

/**
 * @param {Preparation} preparation
 * @param {CacheOfBase} cache
 * @param {readonly string[]} ids
 * @param {number} runs
 * @returns {import('./report.mjs').Line[]}
 */
function measureApplication(preparation, cache, ids, runs) {
  const source = preparation.path('express');
  mkdirSync(source);
  writeFileSync(join(source, 'package.json'), JSON.stringify(MANIFEST));
  writeFileSync(join(source, 'server.js'), SOURCE);
  run({ argv: ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error'], cwd: source });
  const registry = new DockerRegistry(preparation.path('pack-registry'));
  try {
    const base = `${registry.host}/app:base`;
    run(preparation.pithOnline(['push', preparation.path(BASE), base], preparation.cache));
    registry.remember();
    const builders = [pith(preparation, cache), ...imageBuilders(preparation, base)];
    const tasks = builders.map((builder) => new Task(builder, source, registry));
    return ids.flatMap((id) => measureLine(preparation, id, tasks, runs));
  } finally {
    registry.stop();
  }
}

/** One builder with a copy of the application, so that each has its own changes. */
class Task {
  #builder;
  #registry;
  #folder;
  #changes = 0;

  /** @param {Builder} builder @param {string} source @param {DockerRegistry} registry */
  constructor(builder, source, registry) {
    this.#builder = builder;
    this.#registry = registry;
    this.#folder = `${source}-${builder.tag}`;
    run({ argv: ['cp', '-a', source, this.#folder] });
  }

  get name() {
    return this.#builder.name;
  }

  /** @param {string} id @returns {Contender} */
  contender(id) {
    const { name } = this.#builder;
    return {
      name,
      before: () => this.#prepare(id),
      command: this.#command,
      after: () => {
        if (this.#digest === undefined) throw new Error(`${name} did not push its image`);
      },
    };
  }

  /** @param {string} id */
  #prepare(id) {
    if (id === '11a') {
      this.#builder.forget();
      this.#registry.restore();
    } else if (this.#digest === undefined) run(this.#command);
    if (id !== '11c') return;
    writeFileSync(join(this.#folder, 'server.js'), `${SOURCE}// ${++this.#changes}\n`);
  }

  get #command() {
    return this.#builder.command(this.#folder, `${this.#registry.host}/app:${this.#builder.tag}`);
  }

  get #digest() {
    return this.#registry.digestOf('app', this.#builder.tag);
  }
}

/** @type {Readonly<Record<string, string>>} */
const WHAT = {
  '11a': 'first pack of an Express application and push',
  '11b': 'repack and push, nothing changed',
  '11c': 'repack and push, one source file changed',
};

/**
 * @param {Preparation} preparation
 * @param {string} id
 * @param {readonly Task[]} tasks pith's is the first
 * @param {number} runs
 * @returns {import('./report.mjs').Line[]}
 */
function measureLine(preparation, id, tasks, runs) {
  const node = {
    name: '`node -e 0`',
    command: { argv: /** @type {const} */ ([process.execPath, '-e', '0']), env: preparation.environment() },
  };
  const contenders = tasks.map((task) => task.contender(id));
  const times = measureInTurn([...contenders, ...(id === '11b' ? [node] : [])], runs);
  const own = times.get('pith');
  if (!own) return [];
  const common = { id, what: WHAT[id] ?? '', pith: formatTimes(own) };
  const lines = [];
  const [faster] = tasks
    .slice(1)
    .map(({ name }) => ({ name, time: times.get(name) ?? own }))
    .sort((a, b) => a.time.median - b.time.median);
  if (faster) {
    const ratio = own.median / faster.time.median;
    lines.push({
      ...common,
      peer: `${faster.name}: build --layers and push`,
      value: formatTimes(faster.time),
      ratio: ratio.toFixed(2),
      aim: `at most ${AIM.toFixed(2)}`,
      isMet: ratio <= AIM,
      figures: { ratio, times: Object.fromEntries(times) },
    });
  }
  const started = times.get(node.name);
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

/** @param {Preparation} preparation @param {CacheOfBase} cache @returns {Builder} */
function pith(preparation, cache) {
  return {
    name: 'pith',
    tag: 'pith',
    forget: () => cache.refresh(),
    command: (folder, image) => preparation.pith(['pack', folder, '--tag', image, '--push'], cache.path),
  };
}

/**
 * @param {Preparation} preparation
 * @param {CacheOfBase} cache
 * @param {readonly string[]} ids
 * @param {number} runs
 * @returns {import('./report.mjs').Line[]}
 */
function measureMany(preparation, cache, ids, runs) {
  const folder = preparation.path('many');
  const count = makeManyFiles(folder);
  const [layout, archive] = [preparation.path('many-image'), preparation.path('many.tar.gz')];
  const command = preparation.pith(['pack', folder, '--output', `oci:${layout}`], cache.path);
  /** @type {(before: () => void) => Contender} */
  const pithAfter = (before) => ({ name: 'pith', before, command });
  const peer = {
    name: `tar, ${versionOf('pigz')}`,
    before: () => rmSync(archive, { force: true }),
    command: {
      argv: /** @type {const} */ (['sh', '-c', `tar c -C ${quote(folder)} . | pigz > ${quote(archive)}`]),
      env: preparation.environment(),
    },
  };
  const first = pithAfter(() => {
    rmSync(layout, { recursive: true, force: true });
    cache.refresh();
  });
  return ids.flatMap((id) => {
    const isFirst = id === '11d';
    if (!isFirst) run(command);
    const times = measureInTurn([isFirst ? first : pithAfter(() => undefined), peer], runs);
    const [own, other] = [times.get('pith'), times.get(peer.name)];
    if (!own || !other) return [];
    const ratio = own.median / other.median;
    return [
      {
        id,
        what: `${isFirst ? 'first pack' : 'repack, nothing changed,'} of ${count.toLocaleString('en')} small files`,
        pith: formatTimes(own),
        peer: peer.name,
        value: formatTimes(other),
        ratio: ratio.toFixed(2),
        ...(isFirst
          ? { aim: `at most ${AIM_MANY.toFixed(2)}`, isMet: ratio <= AIM_MANY }
          : { aim: '–', isMet: undefined }),
        figures: { pith: own, peer: other, ratio },
      },
    ];
  });
}
