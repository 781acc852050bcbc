import { PithError } from '../../../core/index.ts';
import { invalid } from '../../common/documents.ts';
import { list } from '../../common/left-out.ts';
import { normaliseName } from '../installed.ts';
import type { Wheel } from './read-wheel.ts';
import { purposeOf, rankOf, type WheelFile, type WheelTarget } from './tags.ts';

/** Wheels that go together, by name, and the Python that they are for. */
export interface ChosenWheels {
  readonly wheels: readonly Wheel[];
  /** Whether another Python would need others. */
  readonly accepts: (version: string) => boolean;
}

export interface WheelsWanted {
  /** Normalised names, with who asks for them. */
  readonly names: ReadonlyMap<string, string>;
  /** Names of packages that are there without a wheel. */
  readonly installed: ReadonlySet<string>;
  readonly platform: string | undefined;
  /** Versions of Python, the best first. */
  readonly versions: readonly string[];
}

/**
 * Chooses the wheels that fit, of what is wanted and what that asks for in turn.
 * @throws PithError APP_INVALID if one is missing or none of its wheels fits, for the best Python
 */
export async function chooseWheels(
  files: readonly WheelFile[],
  wanted: WheelsWanted,
  read: (file: WheelFile) => Promise<Wheel>,
): Promise<ChosenWheels> {
  const found = new Map<string, readonly Wheel[]>();
  let error: PithError | undefined;
  for (const python of wanted.versions) {
    try {
      found.set(python, await chooseFor(files, wanted, { python, platform: wanted.platform }, read));
    } catch (one) {
      if (!(one instanceof PithError) || one.code !== 'APP_INVALID') throw one;
      error ??= one;
    }
  }
  const [best] = found.values();
  if (!best) throw error ?? invalid('no Python fits', 'Ask for another version of Python.');
  const key = (wheels: readonly Wheel[]): string => wheels.map(({ path }) => path).join('\n');
  return {
    wheels: best,
    accepts: (version) => key(found.get(version) ?? []) === key(best),
  };
}

async function chooseFor(
  files: readonly WheelFile[],
  { names, installed }: WheelsWanted,
  target: WheelTarget,
  read: (file: WheelFile) => Promise<Wheel>,
): Promise<Wheel[]> {
  const { compare, satisfies, valid } = await import('../../common/pep440.ts');
  const chosen = new Map<string, Wheel | undefined>();
  const asked = new Map(names);
  for (const [name, by] of asked) {
    const own = files.filter((file) => file.name === name);
    if (own.length === 0) {
      if (installed.has(name)) continue;
      throw invalid(`${by} asks for ${name}, of which there is no wheel`, adviseWheels(target), by);
    }
    const version = (file: WheelFile): string => valid(file.version) ?? '0';
    const [file] = own
      .flatMap((one) => {
        const rank = rankOf(one, target);
        return rank === undefined ? [] : [{ one, rank }];
      })
      .sort((a, b) => compare(version(b.one), version(a.one)) || a.rank - b.rank)
      .map(({ one }) => one);
    if (!file) {
      const why = own.map((one) => `${one.path} is for ${purposeOf(one, target)}`);
      const on = target.platform === undefined ? '' : ` on ${target.platform}`;
      throw invalid(
        `no wheel of ${name} fits Python ${target.python}${on}: ${list(why)}`,
        adviseWheels(target),
        own[0]?.path,
      );
    }
    const wheel = await read(file);
    const needed = wheel.metadata.get('requires-python')?.[0];
    if (needed !== undefined && !satisfies(`${target.python}.99`, needed))
      throw invalid(
        `${file.path} asks for Python ${needed}, not ${target.python}`,
        adviseWheels(target),
        file.path,
      );
    chosen.set(name, wheel);
    for (const { name: next, isSure } of requirementsOf(wheel))
      if (!asked.has(next) && (isSure || files.some((one) => one.name === next))) asked.set(next, file.path);
  }
  return [...chosen.values()].filter((wheel) => wheel !== undefined);
}

/** What a wheel requires; not for sure where that depends on a marker (`; extra == "speedups"`). */
export function requirementsOf({ metadata }: Wheel): { name: string; isSure: boolean }[] {
  return (metadata.get('requires-dist') ?? []).flatMap((line) => {
    const name = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?/.exec(line)?.[0];
    return name === undefined ? [] : [{ name: normaliseName(name), isSure: !line.includes(';') }];
  });
}

function adviseWheels({ python, platform }: WheelTarget): string {
  const machine = platform === 'linux/arm64' ? 'aarch64' : 'x86_64';
  return `Put the wheels of all that it needs beside it: \`pip download --only-binary=:all: --python-version ${python} --platform manylinux_2_28_${machine} -d wheels …\`.`;
}
