import { mirrorsOf, snapshotUri, type Mirror, type MirrorOptions, type SuiteSpec } from './mirrors.ts';
import type { SuiteState } from './suites.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The dated archive takes its copies every six hours: what a suite lists may be in a later one only. */
const SNAPSHOT_OFFSETS_MS = [0, 6 * HOUR_MS, 24 * HOUR_MS];

/** The places that may offer archives; the date of the snapshot is that of the suite or today unless told. */
export type PlaceOptions = Omit<MirrorOptions, 'snapshotDate'> & { snapshotDate?: Date };

/** Where the suites and files of archives may be had. */
export class Places {
  readonly #options: PlaceOptions;
  readonly #now: Date;

  constructor(options: PlaceOptions, now: Date) {
    this.#options = options;
    this.#now = now;
  }

  /** The places that may offer a suite, in the order in which they are to be asked. */
  mirrorsOf(spec: SuiteSpec): Mirror[] {
    const today = new Date(Math.floor(this.#now.getTime() / DAY_MS) * DAY_MS);
    return mirrorsOf(spec, { snapshotDate: today, ...this.#options });
  }

  /** Base addresses of the mirrors, the one that the suite came from first, and of the dated archive around the date. */
  basesOf(
    spec: SuiteSpec,
    state: SuiteState | undefined,
    date: Date | undefined,
  ): { plain: string[]; dated: string[] } {
    const { snapshotBase, snapshotDate } = this.#options;
    const moment = date ?? (state ? new Date(state.date) : (snapshotDate ?? this.#now));
    const plain = this.mirrorsOf(spec)
      .filter(({ origin }) => origin !== 'snapshot')
      .map(({ uri }) => uri);
    return {
      plain: [...new Set([...(state ? [state.mirror] : []), ...plain])],
      dated: SNAPSHOT_OFFSETS_MS.map((offset) =>
        snapshotUri(spec.archive, new Date(moment.getTime() + offset), snapshotBase),
      ),
    };
  }
}
