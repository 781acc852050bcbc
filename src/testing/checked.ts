import { Checker, type CheckContext, type CheckedImage, type Finding } from '../check/index.ts';
import type { Fact, FileReader } from '../inspect/index.ts';
import { ImageView, loadReaders, readImage, READERS_VERSION } from '../inspect/index.ts';
import type { Layer } from '../oci/index.ts';
import type { Policy } from '../policy/index.ts';
import { type LayerFiles, makeImage, makeLayer, type TestImage } from './layered-image.ts';

/** 2026-01-01, a day on which nothing of the tests lies in the future. */
export const NOW = Date.parse('2026-01-01T00:00:00Z') / 1000;
const MARK = 'pith test fact:';

/** Content of a file in which facts are found: what a reader would have found in a real one. */
export function withFacts(...facts: readonly Fact[]): string {
  return MARK + JSON.stringify(facts);
}

/** Finds the facts that {@link withFacts} wrote. */
const testReader: FileReader = {
  open(_file, head) {
    if (!Buffer.from(head).toString('latin1').startsWith(MARK)) return undefined;
    const pieces: Buffer[] = [];
    return {
      write: (piece) => void pieces.push(Buffer.from(piece)),
      finish: () => JSON.parse(Buffer.concat(pieces).toString('utf8').slice(MARK.length)) as Fact[],
    };
  },
};

/** An image that was read; facts are as pith's readers find them, and those of {@link withFacts}. */
export async function viewOf(
  layers: readonly (LayerFiles | Layer)[],
  options: TestImage = {},
): Promise<ImageView> {
  const made = layers.map((layer) => ('blob' in layer ? (layer as Layer) : makeLayer(layer)));
  const readers = [testReader, ...(await loadReaders())];
  return new ImageView(await readImage(makeImage(made, options), { readers, version: READERS_VERSION }));
}

export interface Checking {
  readonly policy?: Policy;
  readonly context?: Partial<CheckContext>;
}

/** What is found in an image made of layers. */
export async function checked(
  layers: readonly (LayerFiles | Layer)[],
  options: TestImage = {},
  { policy = {}, context = {} }: Checking = {},
): Promise<CheckedImage> {
  const { now = NOW } = context;
  const view = await viewOf(layers, options);
  return new Checker(policy, now).check({ view, context: { now, ...context } });
}

/** What one rule finds: place and message of each finding. */
export async function found(
  rule: string,
  layers: readonly (LayerFiles | Layer)[],
  options: TestImage = {},
  context: Partial<CheckContext> = {},
): Promise<string[]> {
  const { findings } = await checked(layers, options, { policy: { only: [rule] }, context });
  return findings.map(lineOf);
}

function lineOf({ path, layer, field, message }: Finding): string {
  const place = path ?? field ?? (layer === undefined ? '' : `layer ${layer}`);
  return place === '' ? message : `${place}: ${message}`;
}
