import { expect } from 'vitest';
import { rebaseImage } from '../build/index.ts';
import type { RunConfig } from '../oci/index.ts';
import type { Store } from '../store/index.ts';
import { type LayerFiles, makeImage, makeLayer } from './layered-image.ts';
import { rejectionOf } from './thrown.ts';

/** An application and the two bases that it lies on before and after. */
export interface RebaseCase {
  readonly before?: LayerFiles;
  readonly after?: LayerFiles;
  readonly own?: LayerFiles;
  readonly config?: RunConfig;
  readonly platform?: string;
}

/** A case, and what is said of it. */
export type RebaseRow = [what: string, example: RebaseCase, said: string[]];

export const RELEASE = 'ID=debian\nVERSION_ID="13"\n';

/**
 * What the checks say of a case: `CHECK: MESSAGE`, and `note: MESSAGE`. Fails unless the rebase is refused for what is no
 * note, and only for that.
 */
export async function checkRebase(
  { before = {}, after = {}, own = {}, config = {}, platform }: RebaseCase,
  store: Store,
): Promise<string[]> {
  const common: LayerFiles = { etc: 'folder', 'etc/os-release': RELEASE };
  const more = platform === undefined ? {} : { platform };
  const oldLayer = makeLayer({ ...common, ...before });
  const options = {
    image: makeImage([oldLayer, makeLayer(own)], { config, ...more }),
    oldBase: makeImage([oldLayer], more),
    newBase: makeImage([makeLayer({ ...common, 'usr/new': 'new', ...after })], more),
  };
  const { platforms } = await rebaseImage({ ...options, force: true }, { store });
  const all = platforms.flatMap(({ findings, notes }) => [
    ...findings.map((finding) => `${finding.check}: ${finding.message}`),
    ...notes.map((note) => `note: ${note}`),
  ]);
  const refused = rebaseImage(options, { store });
  if (all.some((line) => !line.startsWith('note: '))) expect((await rejectionOf(refused)).exitCode).toBe(8);
  else expect((await refused).platforms[0]?.findings).toEqual([]);
  return all;
}
