import { run, time } from './process.mjs';

/**
 * Something to time. What `before` does is not counted.
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => void} [before]
 * @property {import('./process.mjs').Command} command
 * @property {() => void} [after] checks the result and tidies up
 */

/** @typedef {{ median: number, min: number, max: number }} Summary */

/**
 * Times contenders in turn, A B C A B C …, after one round that is not counted. What earlier commands wrote is on disk
 * before each start, so that nobody pays for another's writing.
 * @param {readonly Contender[]} contenders
 * @param {number} runs
 * @returns {Map<string, Summary>} milliseconds, by name
 */
export function measureInTurn(contenders, runs) {
  /** @type {Map<string, number[]>} */
  const samples = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= runs; round++) {
    for (const { name, before, command, after } of contenders) {
      before?.();
      run({ argv: ['sync'] });
      const elapsed = time(command);
      after?.();
      if (round > 0) samples.get(name)?.push(elapsed);
      process.stderr.write(
        `bench: ${round === 0 ? 'warm-up' : `round ${round} of ${runs}`}: ${name}: ${elapsed.toFixed(0)} ms\n`,
      );
    }
  }
  return new Map([...samples].map(([name, values]) => [name, summarize(values)]));
}

/** @param {readonly number[]} values @returns {Summary} */
export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ index) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}
