import { existsSync } from 'node:fs';
import { PithError } from '../../core/index.ts';
import {
  type BaseCandidate,
  exportForDive,
  type InspectSummary,
  reportFiles,
  reportOn,
} from '../../inspect/index.ts';
import { formatLocation, type Location, openSource } from '../../location/index.ts';
import { imagesOf } from '../../oci/index.ts';
import type { PageFinding } from '../../page/index.ts';
import type { InspectFlags } from '../flags.ts';
import { detectedLocation, LOCAL_IMAGES } from '../image-names.ts';
import { withLocations } from '../locations.ts';
import { type OpenedImage, type OpenedView, openImage, viewImage, type ViewContext } from '../open-view.ts';
import { replaceFile } from '../replace-file.ts';
import { inspectText } from '../report/inspect-text.ts';
import { RememberedText } from '../report/remembered-text.ts';
import { shown } from '../report/shown.ts';
import { jsonWithList, writeOut, writePieces } from '../report/write-json.ts';
import { SOURCES } from '../version.ts';

/** `pith inspect`: what is in an image. */
export async function inspect(name: string, flags: InspectFlags): Promise<void> {
  const looked = await withLocations(flags, async (context) => {
    const image = await openImage(name, flags, context);
    const bases = await findBases(image, flags, context);
    const memory = flags.json && !flags.dive ? memoryOf(image, bases, context) : undefined;
    const known = await memory?.read();
    if (known) return { known };
    const opened = { ...image, view: await viewImage(image.image, context) };
    const findings = flags.html === undefined ? [] : await findingsOf(opened, context);
    return { opened, bases, memory, findings };
  });
  if (looked.known) {
    await writeOut(looked.known);
    return;
  }
  const { opened, bases, memory, findings } = looked;
  const { view } = opened;
  if (flags.dive) {
    await writePieces(exportForDive(view.contents));
    return;
  }
  if (await explored(opened, flags)) return;
  const report = reportOn(view, { name, bases });
  if (flags.json) {
    const pieces = jsonWithList(report, 'files', reportFiles(view));
    await (memory ? memory.keep((keep) => writePieces(pieces, keep)) : writePieces(pieces));
    return;
  }
  if (flags.html !== undefined) {
    const [{ renderPage }, { inspectPage }] = await Promise.all([
      import('../page.ts'),
      import('../report/page-data.ts'),
    ]);
    await replaceFile(flags.html, renderPage({ ...inspectPage(view, report), findings }));
    return;
  }
  await writePieces(textOf(report, opened, flags));
}

/** Where the report on an image is kept; nothing where the code that makes it has no name. */
function memoryOf(
  { name, image }: OpenedImage,
  bases: readonly BaseCandidate[],
  { store }: ViewContext,
): RememberedText | undefined {
  if (SOURCES === undefined) return undefined;
  const others = bases.map((base) => [base.name, base.image.descriptor.digest]);
  return new RememberedText(store, [SOURCES, name, image.descriptor, image.manifest, others]);
}

async function findingsOf(opened: OpenedView, context: ViewContext): Promise<PageFinding[]> {
  const { pageFindings } = await import('../report/page-findings.ts');
  return await pageFindings(opened, context);
}

/** Opens the view to move in, if there is a terminal and text was not asked for. @returns whether it did */
async function explored({ name, view }: OpenedView, flags: InspectFlags): Promise<boolean> {
  const { stdin: input, stdout: output, env: environment } = process;
  const isPlain = flags.json ?? flags.summary ?? flags.files ?? flags.html !== undefined;
  if (isPlain || !output.isTTY || !input.isTTY) return false;
  const { canExplore, explore } = await import('../explore/index.ts');
  if (!canExplore({ input, output, environment })) return false;
  await explore(view, { title: name, input, output, environment, folder: process.cwd() });
  return true;
}

function* textOf(report: InspectSummary, { view }: OpenedView, flags: InspectFlags): Generator<string> {
  yield* inspectText(report, Date.now());
  if (!flags.files) return;
  yield '\nFILES\n';
  for (const { type, mode, uid, gid, size, path, target } of reportFiles(view))
    yield `${LETTERS[type]}${mode}  ${uid}:${gid}  ${size}  ${shown(path, 5000)}${target === undefined ? '' : ` -> ${shown(target, 5000)}`}\n`;
}

const LETTERS = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  hardlink: 'h',
  character: 'c',
  block: 'b',
  fifo: 'p',
} as const;

/** The images that this one may lie on: those of ./images, and those that were named. Of ./images what cannot be read is left out. */
async function findBases(
  opened: OpenedImage,
  { base: named = [] }: InspectFlags,
  context: ViewContext,
): Promise<BaseCandidate[]> {
  const platform = opened.image.descriptor.platform;
  const platforms = platform ? { platforms: [platform] } : {};
  const candidates: BaseCandidate[] = [];
  const locations = await Promise.all(named.map(detectedLocation));
  const own: Location = { kind: 'oci', path: LOCAL_IMAGES };
  for (const location of existsSync(LOCAL_IMAGES) ? [...locations, own] : locations) {
    const source = openSource(location, context.locations);
    const seen = new Set<string>();
    const isSingle = location.kind === 'docker' || location.reference !== undefined;
    for (const { names, digest } of isSingle ? [{ names: [], digest: '' }] : await source.list()) {
      if (seen.has(digest)) continue;
      seen.add(digest);
      const [name] = names;
      try {
        for (const image of imagesOf(await source.open(name, platforms)))
          candidates.push({ name: name ?? formatLocation(location), image });
      } catch (error) {
        const isOther = error instanceof PithError && error.code === 'UNKNOWN_PLATFORM';
        if (!isOther && location !== own) throw error;
      }
    }
  }
  return candidates;
}
