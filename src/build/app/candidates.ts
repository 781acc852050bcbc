import type { Application, RuntimeNeed } from '../../app/index.ts';
import { PithError } from '../../core/index.ts';

/** Images for programs that bring their own machine code, the smallest first, by releases of the distribution, the newest first. */
const NATIVE_GENERATIONS = ['13', '12'].map((release) =>
  ['static', 'base-nossl', 'base', 'cc'].map((name) => `${name}-debian${release}`),
);

/** How images of a runtime are called in the catalogue, and how their versions are ordered, the best first. */
const RUNTIMES: Readonly<Record<RuntimeNeed['name'], { pattern: RegExp; versions: readonly string[] }>> = {
  nodejs: { pattern: /^nodejs(\d+)-debian\d+$/, versions: ['24', '22', '26'] },
  python3: { pattern: /^python3-debian(\d+)$/, versions: ['13', '12'] },
  java: { pattern: /^java(\d+)-debian\d+$/, versions: ['21', '25', '17'] },
};

/** The Python of each release of Debian. */
const PYTHONS: Readonly<Record<string, string>> = { 12: '3.11', 13: '3.13' };

/**
 * Images of the catalogue that may run an application, the best first.
 * @param names of all definitions
 * @throws PithError APP_INVALID if the runtime that it wants is in none of them
 */
export function candidatesFor({ title, needs }: Application, names: readonly string[]): string[] {
  const { runtime } = needs;
  if (!runtime) return NATIVE_GENERATIONS.flat().filter((name) => names.includes(name));
  const { pattern, versions } = RUNTIMES[runtime.name];
  const known = names
    .flatMap((name) => {
      const key = pattern.exec(name)?.[1];
      return key === undefined ? [] : [{ name, key, version: versionOf(runtime, key) }];
    })
    .sort((a, b) => rankOf(a.key, versions) - rankOf(b.key, versions));
  const accepted = known.filter(({ version }) => runtime.accepts(version)).map(({ name }) => name);
  if (accepted.length > 0) return accepted;
  throw new PithError(
    'APP_INVALID',
    `${title}: wants ${runtime.name} ${runtime.wanted}, which no image has`,
    {
      hint: `There are ${known.map(({ version }) => version).join(', ')}. Ask for one of them, or name an image with \`--base\`.`,
    },
  );
}

/**
 * Candidates in the order in which they are tried: all images of a release, then with packages of it, then those of the one before. A
 * program that was built on that needs libraries of it.
 */
export function generationsOf(candidates: readonly string[]): string[][] {
  const native = NATIVE_GENERATIONS.map((names) => names.filter((name) => candidates.includes(name)));
  const isNative = candidates.length > 1 && candidates.every((name) => native.flat().includes(name));
  return isNative ? native.filter((names) => names.length > 0) : [[...candidates]];
}

function versionOf({ name }: RuntimeNeed, key: string): string {
  return name === 'python3' ? (PYTHONS[key] ?? key) : key;
}

function rankOf(key: string, order: readonly string[]): number {
  const rank = order.indexOf(key);
  return rank < 0 ? order.length : rank;
}
