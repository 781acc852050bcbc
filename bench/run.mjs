// Measures pith against its peers in one run on one machine and prints a Markdown table; bench/README.md says what each
// row is and how fair it is.
//   node bench/run.mjs [--runs N] [--only ROW] [--json]
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.mjs';
import { measureFirstBuild, measureLargeBuild } from './first-build.mjs';
import { measureCatalogue } from './catalogue.mjs';
import { measureMemory } from './memory.mjs';
import { measureInspect } from './inspect.mjs';
import { measureLock } from './lock.mjs';
import { measureJavaStart } from './java-start.mjs';
import { measurePack } from './pack.mjs';
import { measureRegistries } from './registries.mjs';
import { measureSizes } from './sizes.mjs';
import { Preparation } from './prepare.mjs';
import { measureSecondBuild } from './second-build.mjs';
import { formatReport } from './report.mjs';

/** @type {readonly [string, readonly string[], (preparation: Preparation, options: import('./report.mjs').Options) => import('./report.mjs').Line[]][]} */
const ROWS = [
  ['1', ['1a', '1b', '1c'], measureFirstBuild('1', 'cc-debian13')],
  ['1', ['1d'], measureLargeBuild],
  ['2', ['2a', '2b'], measureSecondBuild('cc-debian13', ['2a', '2b'])],
  ['3', [], measureCatalogue],
  ['4', [], measureMemory],
  ['5', ['5a', '5b', '5c'], measureFirstBuild('5', 'python3-debian13')],
  ['5', ['5d'], measureSecondBuild('python3-debian13', ['5d'])],
  ['6', ['6a', '6b', '6c'], measureFirstBuild('6', 'java21-debian13')],
  ['6', ['6d'], measureSecondBuild('java21-debian13', ['6d'])],
  ['7', ['7a', '7b'], measureLock],
  ['8', [], measureSizes],
  ['9', [], measureJavaStart],
  ['10', ['10a', '10b', '10c', '10d', '10e'], measureRegistries],
  ['11', ['11a', '11b', '11c', '11d', '11e'], measurePack],
  ['12', ['12a', '12b', '12c', '12d', '12e', '12f', '12g', '12h', '12i'], measureInspect],
];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) fail('--runs wants a whole number from 1 up');
const { only } = values;
const wanted = ROWS.filter(([row, lines]) => only === undefined || only === row || lines.includes(only));
if (wanted.length === 0)
  fail(`--only wants one of ${ROWS.flatMap(([row, lines]) => [row, ...lines]).join(', ')}`);

const preparation = new Preparation();
const started = new Date();
const lines = wanted.flatMap(([row, , measure]) =>
  measure(preparation, { runs, isWanted: (id) => only === undefined || only === row || only === id }),
);
const report = {
  date: started.toISOString().slice(0, 10),
  machine: describeMachine(),
  command: ['node bench/run.mjs', ...process.argv.slice(2).filter((word) => word !== '--json')].join(' '),
  runs,
  lines,
  notes: preparation.notes,
};
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));

/** @param {string} why @returns {never} */
function fail(why) {
  process.stderr.write(`bench: ${why}\n`);
  process.exit(2);
}
