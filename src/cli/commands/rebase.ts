import { readBaseAnnotations, rebaseImage, type RebaseReport } from '../../build/index.ts';
import { PithError, type Digest } from '../../core/index.ts';
import {
  formatLocation,
  openSink,
  openSource,
  type Location,
  type WriteReport,
} from '../../location/index.ts';
import { parseAnyPlatform } from '../../oci/index.ts';
import type { RebaseFlags } from '../flags.ts';
import { keptName, locationOf } from '../image-names.ts';
import { printWritten } from '../written.ts';
import { withWorkspace } from '../workspace.ts';

/** `pith rebase`: puts an image on a new base, if it works there as it did. */
export async function rebase(name: string, flags: RebaseFlags): Promise<void> {
  const from = locationOf(name);
  const outputs = (flags.output ?? [formatLocation(from)]).map(locationOf);
  const { report, written } = await withWorkspace(flags, async (workspace) => {
    const { locations, store, signal, platform: defaultPlatform } = workspace;
    const platforms = flags.platform?.includes('all') ? undefined : flags.platform?.map(parseAnyPlatform);
    const image = await openSource(from, locations).open(undefined, platforms ? { platforms } : {});
    const said = readBaseAnnotations(image);
    const old = flags.old ?? said.oldReference;
    const next = flags.new ?? said.name;
    if (old === undefined || next === undefined)
      throw new PithError('USAGE', `${name} does not say what it lies on`, {
        hint: 'Name the old and the new base with --old and --new.',
      });
    const sinks = outputs.map((output) => ({
      sink: openSink(output, locations),
      names: [keptName(from, output)].filter((kept) => kept !== undefined),
    }));
    for (const { sink } of sinks) await sink.check();
    const base = locationOf(next);
    const done = await rebaseImage(
      {
        image,
        oldBase: await openSource(locationOf(old), locations).open(),
        newBase: await openSource(base, locations).open(),
        ...nameOf(base),
        ...(flags.force ? { force: true } : {}),
      },
      { store, ...(signal ? { signal } : {}) },
    );
    const reports: WriteReport[] = [];
    for (const { sink, names } of sinks)
      reports.push(
        withDigest(
          await sink.write([{ names, artifact: done.artifact }], { defaultPlatform }),
          done.artifact.descriptor.digest,
        ),
      );
    return { report: done, written: reports };
  });
  if (flags.json) {
    const { artifact, ...rest } = report;
    const value = { ...rest, digest: artifact.descriptor.digest, outputs: written };
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    return;
  }
  for (const line of linesOf(report)) process.stderr.write(`pith: ${line}\n`);
  for (const one of written) printWritten(one, flags);
}

/** What was written without a name is known by its digest. */
function withDigest(report: WriteReport, digest: Digest): WriteReport {
  return report.names.length > 0 ? report : { ...report, names: [{ name: digest, digest }] };
}

/** Only what others can pull too has a name. */
function nameOf(base: Location): { newBaseName?: string } {
  return base.kind === 'docker' ? { newBaseName: base.reference } : {};
}

function linesOf({ platforms, leftOut }: RebaseReport): string[] {
  const lines = platforms.flatMap(({ platform, layersRemoved, layersAdded, layersKept, findings, notes }) => [
    `${platform}: ${layersKept} layers kept, ${layersRemoved} of the old base replaced by ${layersAdded}`,
    ...findings.map(({ message }) => `${platform}: not sound: ${message}`),
    ...notes.map((note) => `${platform}: ${note}`),
  ]);
  if (leftOut > 0) lines.push(`${leftOut} attestations of the images before were left out`);
  return lines;
}
