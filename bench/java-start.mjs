import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostPlatform } from './prepare.mjs';
import { run } from './process.mjs';
import { formatTimes } from './report.mjs';
import { measureInTurn } from './rounds.mjs';

const NAME = 'java21-debian13';
const AIM = 1.1;
/** A start is short: there are so many times more of them than rounds elsewhere. */
const STARTS = 3;
const PROGRAM =
  'public class Hello { public static void main(String[] words) { System.out.println("hello"); } }';

/**
 * Row 9: the start and end of a program of Java, in an image and with the same packages whole.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureJavaStart(preparation, { runs }) {
  if (!preparation.isRoot('9')) return [];
  if (!['unshare', 'dpkg-deb', 'ldconfig'].every((program) => preparation.has(program, '9'))) return [];
  const subject = preparation.image(NAME);
  const sliced = join(preparation.unpackedRoot(NAME), 'rootfs');
  const whole = wholeRoot(preparation, preparation.packageFiles(subject, 'java-packages'));
  const program = compile(preparation);
  for (const root of [sliced, whole]) copyFileSync(program, join(root, 'Hello.class'));
  const [pith, peer] = [NAME, 'the same packages whole'].map((name, index) => ({
    name,
    command: inRoot(preparation, index === 0 ? sliced : whole, 'java', ['-cp', '/', 'Hello']),
  }));
  if (!pith || !peer) return [];
  const times = measureInTurn([pith, peer], STARTS * runs);
  const [own, other] = [times.get(pith.name), times.get(peer.name)];
  if (!own || !other) return [];
  const ratio = own.median / other.median;
  return [
    {
      id: '9',
      what: `start of a program in ${NAME}`,
      pith: formatTimes(own),
      peer: peer.name,
      value: formatTimes(other),
      ratio: ratio.toFixed(2),
      aim: `at most ${AIM.toFixed(2)}`,
      isMet: ratio <= AIM,
      figures: { pith: own, peer: other, ratio },
    },
  ];
}

/**
 * All files of the packages, nothing left out, with the cache of libraries that ldconfig makes.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {readonly string[]} packages
 * @returns {string}
 */
function wholeRoot(preparation, packages) {
  const root = preparation.path('java-whole');
  mkdirSync(root);
  for (const path of packages) run({ argv: ['dpkg-deb', '--extract', path, root] });
  run({ argv: ['ldconfig', '-r', root] });
  return root;
}

/**
 * Compiles the program with the JDK of the debug variant.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @returns {string} path of the class
 */
function compile(preparation) {
  const name = 'java-debug';
  preparation.lock(name, [NAME], [`${NAME}:debug`], [hostPlatform()]);
  const root = join(preparation.unpackedRoot(name), 'rootfs');
  writeFileSync(join(root, 'Hello.java'), PROGRAM);
  run(inRoot(preparation, root, 'javac', ['-d', '/', '/Hello.java']));
  return join(root, 'Hello.class');
}

/**
 * A program of the JDK with a folder as its root, and /proc, where the loader reads where a program lies.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {string} root
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {import('./process.mjs').Command}
 */
function inRoot(preparation, root, program, args) {
  const [jdk] = readdirSync(join(root, 'usr', 'lib', 'jvm')).filter((name) =>
    /^java-\d+-openjdk-/.test(name),
  );
  mkdirSync(join(root, 'proc'), { recursive: true });
  const isolated = ['--pid', '--fork', '--mount-proc', '--root', root];
  return {
    argv: ['unshare', ...isolated, `/usr/lib/jvm/${jdk}/bin/${program}`, ...args],
    env: { PATH: preparation.environment().PATH, LANG: 'C.UTF-8' },
  };
}
