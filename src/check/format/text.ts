import type { Severity } from '../../policy/index.ts';
import type { CheckReport, Rule } from '../model.ts';
import { mergeFindings, type MergedFinding, mergeMore, mergeSilenced } from './merge.ts';
import { placeOf } from './place.ts';

export interface TextOptions {
  /** What is checked, as it was named. */
  readonly name: string;
  /** Makes text look like a severity, or stand out; texts stay as they are unless told. */
  readonly style?: (text: string, as: Severity | 'strong' | 'faint') => string;
  /** Places of a rule that are listed; all unless told. */
  readonly most?: number;
}

const COLUMN = 9;
const WIDTH = 100;

/** A report for people: a block a rule, the worst first, and a line that sums up. */
export function formatText(
  report: CheckReport,
  { name, style = (text) => text, most = Infinity }: TextOptions,
): string {
  const platforms = report.images.map(({ platform }) => platform);
  const more = mergeMore(report);
  const lines: string[] = [];
  for (const [rule, found] of byRule(mergeFindings(report))) {
    const [first] = found;
    if (!first) continue;
    const { severity } = first.finding;
    const known = report.rules.find(({ id }) => id === rule);
    lines.push(
      `${style(severity.padEnd(COLUMN), severity)}${style(rule, 'strong')}${known ? `: ${known.title}` : ''}`,
    );
    const left = Math.max(0, found.length - most) + (more.get(rule) ?? 0);
    lines.push(...alignPlaces(found.slice(0, most), platforms));
    if (left > 0) lines.push(`${indent()}and ${left} more`);
    if (known) lines.push(...wrap(known.mend).map((line) => `${indent()}${style(line, 'faint')}`));
    lines.push('');
  }
  return `${[...lines, summaryOf(report, name, platforms), ...silencedLines(report)].join('\n')}\n`;
}

/** A rule for people: what it finds, why that matters, and what to do. */
export function formatRule({ id, severity, title, why, mend }: Omit<Rule, 'find'>): string {
  return `${id} (${severity}): ${title}\n\n${why}\n\n${mend}\n`;
}

function alignPlaces(found: readonly MergedFinding[], platforms: readonly string[]): string[] {
  const places = found.map(({ finding }) => placeOf(finding));
  const width = Math.min(60, Math.max(...places.map((place) => place.length)));
  return found.map((one, at) => {
    const place = (places[at] ?? '').padEnd(width);
    const some = one.platforms.length > 0 && one.platforms.length < platforms.length;
    const where = some ? ` [${one.platforms.join(', ')}]` : '';
    return `${indent()}${width === 0 ? '' : `${place}  `}${one.finding.message}${where}`;
  });
}

function summaryOf({ counts, rules }: CheckReport, name: string, platforms: readonly string[]): string {
  const parts = [
    counted(counts.error, 'error'),
    counted(counts.warning, 'warning'),
    counted(counts.note, 'note'),
  ].filter((part) => part !== '');
  const found = parts.length === 0 ? 'no findings' : parts.join(', ');
  return `${name} (${platforms.join(', ')}): ${found}, ${rules.length} rules`;
}

/** Nothing is silenced in silence. */
function silencedLines(report: CheckReport): string[] {
  const groups = new Map<string, number>();
  for (const { finding } of mergeSilenced(report)) {
    const { rule, reason, by, until } = finding;
    const end = until === undefined ? '' : `, until ${until}`;
    const line = `silenced by the ${by}: ${rule}: ${reason}${end}`;
    groups.set(line, (groups.get(line) ?? 0) + 1);
  }
  return [...groups].map(([line, count]) => `${line}${count === 1 ? '' : ` (${count} findings)`}`);
}

function byRule(found: readonly MergedFinding[]): Map<string, MergedFinding[]> {
  const groups = new Map<string, MergedFinding[]>();
  for (const one of found) {
    const { rule } = one.finding;
    const group = groups.get(rule);
    if (group) group.push(one);
    else groups.set(rule, [one]);
  }
  return groups;
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Lines of words, as long as a reader's eye likes them. */
function wrap(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function indent(): string {
  return ' '.repeat(COLUMN);
}
