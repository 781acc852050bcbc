/**
 * @typedef {object} Options
 * @property {number} runs
 * @property {(line: string) => boolean} isWanted whether a line such as `1a` was asked for
 */

/**
 * One line of the table.
 * @typedef {object} Line
 * @property {string} id
 * @property {string} what
 * @property {string} pith
 * @property {string} peer what it is compared with
 * @property {string} value the peer's figure
 * @property {string} ratio
 * @property {string} aim
 * @property {boolean | undefined} isMet undefined where there is no aim
 * @property {unknown} figures the same in numbers: milliseconds, bytes
 */

/**
 * @typedef {object} Report
 * @property {string} date
 * @property {string} machine
 * @property {string} command
 * @property {number} runs
 * @property {readonly Line[]} lines
 * @property {readonly string[]} notes
 */

/** @param {Report} report @returns {string} Markdown */
export function formatReport({ date, machine, command, runs, lines, notes }) {
  const rows = lines.map(({ id, what, pith, peer, value, ratio, aim, isMet }) => [
    id,
    what,
    pith,
    peer,
    value,
    ratio,
    aim,
    isMet === undefined ? '–' : isMet ? 'yes' : '**no**',
  ]);
  return [
    `Measured on ${date} with \`${command}\`: ${machine}. Downloads are cached; medians of ${runs} interleaved ${runs === 1 ? 'run' : 'runs'} (smallest–largest).`,
    '',
    ...formatTable(['', 'what', 'pith', 'compared with', 'its figure', 'ratio', 'aim', 'met'], rows),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
    '',
  ].join('\n');
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows @returns {string[]} */
function formatTable(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

/** @param {import('./rounds.mjs').Summary} summary in milliseconds @returns {string} */
export function formatTimes({ median, min, max }) {
  const isShort = median < 1000;
  const format = (/** @type {number} */ value) => (isShort ? value.toFixed(0) : (value / 1000).toFixed(2));
  return `${format(median)} ${isShort ? 'ms' : 's'} (${format(min)}–${format(max)})`;
}

/** @param {number} bytes @returns {string} */
export function formatBytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}
