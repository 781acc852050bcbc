import { printable } from '../core/index.ts';
import { formatDuration } from './duration.ts';
import type { FileResults, TestResult } from './result.ts';
import { summarize } from './result.ts';

/** ANSI colours (ECMA-48, SGR). */
const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34, purple: 35, cyan: 36 } as const;
type Paint = (colour: keyof typeof COLOURS, text: string) => string;

const OUTCOMES = {
  pass: ['green', '--- PASS'],
  fail: ['red', '--- FAIL'],
  skip: ['yellow', '--- SKIP'],
} as const;

/**
 * The report for people, laid out as container-structure-test does. Text from the image and the test files is made harmless
 * for a terminal.
 * @param isColoured whether it may hold colours
 */
export function formatText(files: readonly FileResults[], isColoured: boolean): string {
  const paint: Paint = (colour, text) => (isColoured ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
  const platforms = new Set(files.map(({ platform }) => platform));
  const titles = files.map(({ file, platform }) =>
    bannerOf(platforms.size > 1 ? `${baseOf(file)} (${platform})` : baseOf(file)),
  );
  const tests = files.flatMap(({ results }, index) => [
    ...framed(titles[index] ?? '').map((line) => paint('purple', line)),
    ...results.flatMap((result) => linesOf(result, paint)),
  ]);
  return `\n${[...tests, ...totalsOf(files, titles.at(-1)?.length ?? 0, paint)].join('\n')}\n`;
}

function baseOf(path: string): string {
  return printable(path.slice(path.lastIndexOf('/') + 1));
}

function bannerOf(title: string): string {
  return `====== Test file: ${title} ======`;
}

function framed(title: string): string[] {
  const rule = '='.repeat(title.length);
  return [rule, title, rule];
}

function linesOf(
  { name, outcome, errors, stdout = '', stderr = '', duration }: TestResult,
  paint: Paint,
): string[] {
  const [colour, mark] = OUTCOMES[outcome];
  return [
    `=== RUN: ${printable(name)}`,
    paint(colour, mark),
    `duration: ${formatDuration(duration)}`,
    ...(stdout === '' ? [] : [paint('blue', `stdout: ${printable(stdout)}`)]),
    ...(stderr === '' ? [] : [paint('blue', `stderr: ${printable(stderr)}`)]),
    ...errors.map((error) =>
      paint('yellow', `${outcome === 'skip' ? 'Skipped' : 'Error'}: ${printable(error)}`),
    ),
  ];
}

function totalsOf(files: readonly FileResults[], width: number, paint: Paint): string[] {
  const { pass, fail, skip, duration, isPass } = summarize(files);
  if (pass + fail === 0)
    return [
      '',
      paint(
        'red',
        skip > 0 ? 'No tests run! All of them were skipped.' : 'No tests run! Check config file format.',
      ),
    ];
  const side = '='.repeat(Math.max(1, Math.floor((width - 8) / 2)));
  return [
    '',
    ...framed(`${side} RESULTS ${side}`),
    paint('green', `Passes:      ${pass}`),
    paint('red', `Failures:    ${fail}`),
    ...(skip > 0 ? [paint('yellow', `Skipped:     ${skip}`)] : []),
    `Duration:    ${formatDuration(duration)}`,
    paint('cyan', `Total tests: ${pass + fail}`),
    '',
    isPass ? paint('green', 'PASS') : paint('red', 'FAIL'),
  ];
}
