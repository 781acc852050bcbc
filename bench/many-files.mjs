import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = 1000;
const FILES = 100;
const SMALLEST = 200;
const LARGEST = 2000;

/** What sources are made of. */
const WORDS = (
  'module exports function return const require value index options callback error this undefined string object length ' +
  'default import from class extends = ( ) { } ; => \n'
).split(' ');

/**
 * Makes an application with very many small files in its node_modules: the same at each time.
 * @param {string} folder it is made
 * @returns {number} files in node_modules
 */
export function makeManyFiles(folder) {
  const next = numbers(1);
  for (let number = 0; number < PACKAGES; number++) {
    const name = `package-${number}`;
    const place = join(folder, 'node_modules', name);
    mkdirSync(join(place, 'lib'), { recursive: true });
    writeFileSync(
      join(place, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', main: 'lib/file-1.js', description: textOf(SMALLEST, next) }),
    );
    for (let file = 1; file < FILES; file++) {
      const size = SMALLEST + Math.floor(next() * (LARGEST - SMALLEST));
      writeFileSync(join(place, 'lib', `file-${file}.js`), textOf(size, next));
    }
  }
  writeFileSync(
    join(folder, 'server.js'),
    "process.on('SIGTERM', () => process.exit());\nrequire('package-0');\n",
  );
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'many',
      version: '1.0.0',
      scripts: { start: 'node server.js' },
      dependencies: { 'package-0': '1.0.0' },
    }),
  );
  return PACKAGES * FILES;
}

/** @param {number} size bytes @param {() => number} next */
function textOf(size, next) {
  let text = '';
  while (text.length < size) {
    const name = next() < 0.3 ? Math.floor(next() * 1e6).toString(36) : '';
    text += `${WORDS[Math.floor(next() * WORDS.length)]}${name} `;
  }
  return text.slice(0, size);
}

/** Numbers from 0 up to 1 of a linear congruential generator. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
