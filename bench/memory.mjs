import { readFileSync, rmSync } from 'node:fs';
import { wholeCatalogue } from './catalogue.mjs';
import { run } from './process.mjs';
import { formatBytes } from './report.mjs';
import { summarize } from './rounds.mjs';

/** Bytes. */
const AIM = 400e6;

/**
 * Row 4: the peak of resident memory of first builds, worker threads included.
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {import('./report.mjs').Options} options
 * @returns {import('./report.mjs').Line[]}
 */
export function measureMemory(preparation, { runs }) {
  const subjects = [
    { what: 'cc-debian13', subject: preparation.image('cc-debian13') },
    { what: 'all images', subject: wholeCatalogue(preparation) },
    { what: 'openjdk-21-jre-headless and libllvm19', subject: preparation.large() },
  ];
  preparation.rememberDownloads();
  return subjects.map(({ what, subject }) => {
    const builds = Array.from({ length: Math.min(runs, 3) }, () => buildOnce(preparation, subject));
    const peak = summarize(builds.map((build) => build.peak));
    const largest = Math.max(...builds.map((build) => build.unpacked));
    process.stderr.write(`bench: peak memory: ${what}: ${formatBytes(peak.max)}\n`);
    return {
      id: '4',
      what: `peak memory: ${what}`,
      pith: formatBytes(peak.max),
      peer: 'largest image, unpacked',
      value: formatBytes(largest),
      ratio: (peak.max / largest).toFixed(2),
      aim: `under ${formatBytes(AIM)}`,
      isMet: peak.max < AIM,
      figures: { peak, largest },
    };
  });
}

/**
 * @param {import('./prepare.mjs').Preparation} preparation
 * @param {import('./prepare.mjs').Subject} subject
 * @returns {{ peak: number, unpacked: number }} bytes
 */
function buildOnce(preparation, { args }) {
  const result = preparation.path('peak');
  rmSync(preparation.path('peak-images'), { recursive: true, force: true });
  const report = /** @type {{ images: { unpacked: number, platforms: string[] }[] }} */ (
    JSON.parse(
      run(
        preparation.pith(
          [...args, '--output', preparation.layout('peak-images'), '--json'],
          preparation.coldCache(),
          {
            nodeArgs: ['--import', new URL('peak-memory.mjs', import.meta.url).href],
            env: { PITH_BENCH_PEAK: result },
          },
        ),
      ),
    )
  );
  return {
    peak: Number(readFileSync(result, 'utf8')),
    unpacked: Math.max(...report.images.map(({ unpacked, platforms }) => unpacked / platforms.length)),
  };
}
