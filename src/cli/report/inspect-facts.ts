import { type InspectSummary, toolsOf } from '../../inspect/index.ts';
import { formatSize } from '../format.ts';
import { missingLibraries } from './missing-libraries.ts';
import { counted, firstOf, percent, shown, shownJson } from './shown.ts';

/** What an image is in names and values, one a line; a name that goes on stands once. @param now in milliseconds since 1970 */
export function inspectFacts(report: InspectSummary, now: number): string {
  const facts = factsOf(report, now);
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  return facts.map(([name, value]) => `${`${name.padEnd(width)}${value}`.trimEnd()}\n`).join('');
}

function factsOf(report: InspectSummary, now: number): [string, string][] {
  const { image, base, totals, efficiency, flaws } = report;
  const damaged = report.layers.filter(({ actualDiffId }) => actualDiffId !== undefined);
  const facts: [string, string | undefined][] = [
    ['image', shown(image.name)],
    ['digest', image.digest],
    [
      'platform',
      [image.platform, image.created && `created ${shown(image.created)}`].filter(Boolean).join(', '),
    ],
    ['system', systemOf(report)],
    ['base', base && baseOf(base)],
    [
      'size',
      `${formatSize(totals.size)} in ${counted(totals.layers, 'layer')}, ${formatSize(totals.unpackedSize)} unpacked, ${counted(totals.files, 'file')}`,
    ],
    [
      'wasted',
      `${formatSize(efficiency.wastedBytes)} of ${formatSize(efficiency.storedBytes)} that no container sees: efficiency ${percent(efficiency.efficiency)}`,
    ],
    ['', diveLine(report)],
    ['starts', startOf(report)],
    ['user', userOf(report)],
    ['packages', packageCounts(report)],
    ...foundIn(report, now),
    [
      'not sound',
      damaged.length > 0
        ? `the content of ${counted(damaged.length, 'layer')} is not what the configuration says`
        : undefined,
    ],
    [
      'odd',
      flaws.length > 0
        ? firstOf(
            flaws.map(({ path, flaw }) => `${shown(path)} (${flaw.replaceAll('-', ' ')})`),
            3,
          )
        : undefined,
    ],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function systemOf({ system }: InspectSummary): string {
  const { name, id, version, libc, distroless, platforms } = system;
  const parts = [
    name ?? ([id, version].filter(Boolean).join(' ') || 'no distribution'),
    libc && `${libc.name} ${libc.version ?? 'of unknown version'}`,
    distroless ? 'distroless' : undefined,
    platforms.length > 0 ? `programs for ${platforms.join(', ')}` : 'no programs',
  ];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => shown(part))
    .join(', ');
}

function baseOf({ name, digest, layers }: NonNullable<InspectSummary['base']>): string {
  const what = [name, digest]
    .filter((part) => part !== undefined)
    .map((part) => shown(part))
    .join('@');
  return layers === undefined ? `${what} (as its annotations say)` : `${what} (${counted(layers, 'layer')})`;
}

function diveLine({ efficiency: { dive } }: InspectSummary): string {
  const user = dive.wastedUserPercent;
  const percentage =
    user === undefined
      ? 'no user bytes, since there is nothing above the first layer'
      : `${percent(user)} of the user bytes`;
  return `as dive counts: efficiency ${percent(dive.efficiencyScore)}, ${formatSize(dive.inefficientBytes)} wasted, ${percentage}`;
}

function startOf({ image: { config } }: InspectSummary): string {
  const words = [...(config.entrypoint ?? []), ...(config.cmd ?? [])];
  const command = words.length === 0 ? 'nothing' : shownJson(words);
  return config.workdir === '' ? command : `${command} in ${shown(config.workdir)}`;
}

function userOf({ image: { config }, users }: InspectSummary): string {
  const [name = ''] = config.user.split(':');
  const known = users.find((user) => user.name === name || String(user.uid) === name);
  if (config.user === '') return 'root, since none is said';
  return known
    ? `${shown(config.user)} (${shown(known.name)}, ${known.uid}:${known.gid})`
    : shown(config.user);
}

function packageCounts({ packages }: InspectSummary): string {
  const byType = new Map<string, number>();
  for (const { type } of packages) byType.set(type, (byType.get(type) ?? 0) + 1);
  const parts = [...byType].map(([type, count]) => `${count.toLocaleString('en-US')} ${type}`);
  return parts.length === 0 ? 'none known' : parts.join(', ');
}

/** What is there to be known; what is not there is said in short where people look for it. */
function foundIn(report: InspectSummary, now: number): [string, string | undefined][] {
  const { setuid, capabilities, certificates, secrets, programs, system, tools } = report;
  const others = tools.filter(({ category }) => category !== 'shell' && category !== 'package-manager');
  const missing = programs.flatMap(missingFor);
  const authorities = new Map(
    certificates.filter((one) => one.isAuthority).map((one) => [one.fingerprint, one]),
  );
  const expired = [...authorities.values()].filter(({ notAfter }) => Date.parse(notAfter) < now);
  return [
    ['shells', toolsOf(report, 'shell').join(', ') || 'none'],
    ['installers', toolsOf(report, 'package-manager').join(', ') || 'none'],
    [
      'other tools',
      others.length > 0
        ? firstOf(
            others.map(({ tool, path }) => `${tool} (${shown(path)})`),
            6,
          )
        : undefined,
    ],
    [
      'setuid',
      setuid.length > 0
        ? firstOf(
            setuid.map(({ path, mode }) => `${shown(path)} (${mode})`),
            6,
          )
        : 'none',
    ],
    [
      'capabilities',
      capabilities.length > 0
        ? firstOf(
            capabilities.map((one) => `${shown(one.path)} (${one.capabilities})`),
            4,
          )
        : undefined,
    ],
    [
      'authorities',
      authorities.size === 0
        ? 'none'
        : `${counted(authorities.size, 'certificate')}${expired.length > 0 ? `, ${expired.length} expired` : ''}`,
    ],
    [
      'time zones',
      system.timeZones
        ? [
            counted(system.timeZones.files, 'file'),
            system.timeZones.version && `tzdata ${shown(system.timeZones.version)}`,
          ]
            .filter(Boolean)
            .join(', ')
        : 'none',
    ],
    [
      'secrets',
      secrets.length > 0
        ? firstOf(
            secrets.map(
              ({ path, type, removed }) => `${type} in ${shown(path)}${removed ? ' (in a lower layer)' : ''}`,
            ),
            6,
          )
        : 'none',
    ],
    [
      'programs',
      `${counted(programs.filter(({ kind }) => kind === 'program').length, 'program')}, ${counted(programs.filter(({ kind }) => kind === 'library').length, 'library', 'libraries')}`,
    ],
    ['missing', missing.length > 0 ? firstOf(missing, 6) : undefined],
  ];
}

function missingFor(program: InspectSummary['programs'][number]): string[] {
  const path = shown(program.path);
  return program.foreign
    ? [`no machine for ${path}`]
    : missingLibraries(program).map((name) => `${shown(name)} (for ${path})`);
}
