import { describe, expect, it } from 'vitest';
import { type Digest, digestOf, PithError } from '../core/index.ts';
import { type Packed, watchLoop } from './watch-loop.ts';

/** One packing: what it makes, and what goes wrong. */
interface Step {
  /** Content of the image; an error if it cannot be packed. */
  readonly image?: string;
  /** Changes that come while it is packed. */
  readonly meanwhile?: readonly string[];
  readonly load?: 'fails';
  /** Changes that come afterwards. */
  readonly then?: readonly string[];
  /** The container ends by itself afterwards. */
  readonly exits?: boolean;
  /** The signal comes while it is packed or loaded. */
  readonly signal?: 'pack' | 'load';
}

/** Runs the loop over packings, then gives the signal. @returns what happened, in order */
async function follow(steps: readonly Step[], runs = true): Promise<string[]> {
  const events: string[] = [];
  const pending: string[] = [];
  const controller = new AbortController();
  let at = -1;
  let containers = 0;
  let alive: { isAlive: boolean } | undefined;
  const start = (): { isAlive: boolean; stop: () => Promise<void> } => {
    const name = `container ${++containers}`;
    events.push(`start ${name}`);
    const container = {
      isAlive: true,
      stop: async () => {
        events.push(`stop ${name}`);
        await Promise.resolve();
        container.isAlive = false;
        events.push(`stopped ${name}`);
      },
    };
    alive = container;
    return container;
  };
  const load = async ({ load, signal }: Step): Promise<void> => {
    events.push('load');
    await Promise.resolve();
    await Promise.resolve();
    if (signal === 'load') controller.abort();
    if (load === 'fails') throw new PithError('ENGINE_FAILED', 'load failed');
    events.push('loaded');
  };
  const pack = async (): Promise<Packed> => {
    const step = steps[++at] ?? {};
    events.push('pack');
    await Promise.resolve();
    pending.push(...(step.meanwhile ?? []));
    if (step.signal === 'pack') controller.abort();
    if (step.image === undefined) throw new PithError('APP_INVALID', 'not built');
    const digest: Digest = digestOf(step.image);
    return { digest, ...(runs ? { deploy: { load: () => load(step), start } } : {}) };
  };
  const looping = watchLoop(
    {
      changes: {
        get isPending() {
          return pending.length > 0;
        },
        take: () => new Set(pending.splice(0)),
        judge: (paths, made) => {
          if (!made) events.push(`no difference: ${[...paths].join()}`);
        },
        complete: (signal) => {
          const { then, exits } = steps[at] ?? {};
          if (exits === true && alive) alive.isAlive = false;
          pending.push(...(then ?? []));
          if (pending.length > 0) return Promise.resolve();
          controller.abort();
          return Promise.reject(new PithError('INTERRUPTED', 'interrupted', { cause: signal.reason }));
        },
      },
      pack,
      done: (paths, { load, stop }) => {
        const times = [load === undefined ? '' : ' load', stop === undefined ? '' : ' stop'].join('');
        events.push(`done ${[...paths].join()}:${times}`);
      },
      failed: ({ code }) => {
        events.push(`failed ${code}`);
      },
    },
    controller.signal,
  );
  await expect(looping).rejects.toMatchObject({ code: 'INTERRUPTED' });
  return events;
}

const FIRST = ['pack', 'load', 'loaded', 'start container 1', 'done : load'];
const END_OF_1 = ['stop container 1', 'stopped container 1'];
const SECOND = [
  ...['pack', 'load', 'stop container 1', 'stopped container 1', 'loaded'],
  ...['start container 2', 'done a: load stop'],
];
const END_OF_2 = ['stop container 2', 'stopped container 2'];

describe('watching', () => {
  it.each<[string, Step[], string[]]>([
    ['runs, and stops at the end', [{ image: '1' }], [...FIRST, ...END_OF_1]],
    [
      'loads another image while the old container stops, then starts it',
      [{ image: '1', then: ['a'] }, { image: '2' }],
      [...FIRST, ...SECOND, ...END_OF_2],
    ],
    [
      'leaves the container alone where the image is the same',
      [{ image: '1', then: ['a', 'b'] }, { image: '1' }],
      [...FIRST, 'pack', 'no difference: a,b', ...END_OF_1],
    ],
    [
      'starts the same image again where the container has ended',
      [{ image: '1', then: ['a'], exits: true }, { image: '1' }],
      [
        ...[...FIRST, 'pack', 'no difference: a'],
        ...['load', 'loaded', 'start container 2', 'done a: load', ...END_OF_2],
      ],
    ],
    [
      'tells what cannot be packed, and leaves the container alone',
      [{ image: '1', then: ['b'] }, { then: ['a'] }, { image: '2' }],
      [...FIRST, 'pack', 'failed APP_INVALID', ...SECOND, ...END_OF_2],
    ],
    [
      'waits for the first image that can be packed',
      [{ then: ['a'] }, { image: '1' }],
      [
        ...['pack', 'failed APP_INVALID', 'pack', 'load', 'loaded', 'start container 1', 'done a: load'],
        ...END_OF_1,
      ],
    ],
    [
      'packs again before it runs what has changed meanwhile, and tells of all changes',
      [{ image: '1', then: ['a'] }, { image: '2', meanwhile: ['b'] }, { image: '3' }],
      [...FIRST, 'pack', ...SECOND.map((event) => event.replace('done a', 'done a,b')), ...END_OF_2],
    ],
    [
      'does not tell what could not be packed because it was changing',
      [{ image: '1', then: ['b'] }, { meanwhile: ['a'] }, { image: '2' }],
      [...FIRST, 'pack', ...SECOND.map((event) => event.replace('done a', 'done b,a')), ...END_OF_2],
    ],
    [
      'starts the old image again where the new one cannot be loaded',
      [{ image: '1', then: ['b'] }, { image: '2', load: 'fails', then: ['a'] }, { image: '2' }],
      [
        ...[...FIRST, 'pack', 'load', ...END_OF_1, 'start container 2', 'failed ENGINE_FAILED'],
        ...['pack', 'load', ...END_OF_2, 'loaded', 'start container 3', 'done a: load stop'],
        ...['stop container 3', 'stopped container 3'],
      ],
    ],
    [
      'runs nothing where the first image cannot be loaded',
      [{ image: '1', load: 'fails' }],
      ['pack', 'load', 'failed ENGINE_FAILED'],
    ],
    [
      'ends while it packs',
      [{ image: '1', then: ['a'] }, { signal: 'pack' }],
      [...FIRST, 'pack', ...END_OF_1],
    ],
    [
      'starts nothing more when it is ended while it loads',
      [
        { image: '1', then: ['a'] },
        { image: '2', signal: 'load' },
      ],
      [...FIRST, 'pack', 'load', ...END_OF_1, 'loaded', ...END_OF_1],
    ],
  ])('%s', async (_what, steps, expected) => {
    expect(await follow(steps)).toEqual(expected);
  });

  it('only packs where nothing runs', async () => {
    const steps = [{ image: '1', then: ['a'] }, { image: '2', then: ['b'] }, { image: '2' }];
    expect(await follow(steps, false)).toEqual([
      ...['pack', 'done :', 'pack', 'done a:', 'pack', 'no difference: b'],
    ]);
  });
});
