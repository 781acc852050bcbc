import { describe, expect, it } from 'vitest';
import type { HistoryEntry, ImageConfig, RunConfig } from '../oci/index.ts';
import { makeImage, makeLayer } from '../testing/layered-image.ts';
import { configOnNewBase } from './rebase-config.ts';

const BASE = makeLayer({ a: 'a' });
const SECOND = makeLayer({ b: 'b' });
const OWN = makeLayer({ app: 'app' });
const NEW = makeLayer({ c: 'c' });

type Config = Partial<Omit<ImageConfig, 'rootfs'>>;

function rebase(own: Config, old: Config = {}, next: Config = {}): Omit<ImageConfig, 'rootfs'> {
  return configOnNewBase({
    image: makeImage([BASE, SECOND, OWN], own),
    oldBase: makeImage([BASE, SECOND], old),
    newBase: makeImage([NEW], next),
  });
}

describe('what is started', () => {
  it.each<[what: string, own: RunConfig, old: RunConfig, next: RunConfig, merged: RunConfig]>([
    ['is the application’s', { Cmd: ['app'] }, {}, {}, { Cmd: ['app'] }],
    [
      'is the new base’s where it was the old one’s',
      { User: '0' },
      { User: '0' },
      { User: '5' },
      { User: '5' },
    ],
    ['is the application’s where it was not', { User: '7' }, { User: '0' }, { User: '5' }, { User: '7' }],
    ['goes with the old base', { WorkingDir: '/x' }, { WorkingDir: '/x' }, {}, {}],
    ['comes with the new base', {}, {}, { StopSignal: 'SIGINT' }, { StopSignal: 'SIGINT' }],
    ['stays away where the application took it away', {}, { User: '0' }, { User: '5' }, {}],
    [
      'has the base’s entrypoint before its own arguments',
      { Entrypoint: ['/old'], Cmd: ['app'] },
      { Entrypoint: ['/old'], Cmd: ['bash'] },
      { Entrypoint: ['/new'], Cmd: ['sh'] },
      { Entrypoint: ['/new'], Cmd: ['app'] },
    ],
    [
      'has the arguments that stood by its own entrypoint',
      { Entrypoint: ['/app'], Cmd: ['bash'] },
      { Cmd: ['bash'] },
      { Cmd: ['sh'] },
      { Entrypoint: ['/app'], Cmd: ['bash'] },
    ],
    [
      'has no arguments of the base behind its own entrypoint',
      { Entrypoint: ['/app'] },
      {},
      { Cmd: ['sh'] },
      { Entrypoint: ['/app'] },
    ],
    [
      'has variables one by one, those of the base first',
      { Env: ['OWN=1', 'SAME=old', 'SET=app', 'GONE=x', 'KEPT=app'] },
      { Env: ['SAME=old', 'SET=old', 'GONE=x', 'KEPT=old', 'TAKEN=x'] },
      { Env: ['NEW=1', 'SET=new', 'SAME=new', 'TAKEN=y'] },
      { Env: ['NEW=1', 'SET=app', 'SAME=new', 'OWN=1', 'KEPT=app'] },
    ],
    [
      'has a variable as often as it is named once',
      { Env: ['A=1', 'A=2', 'B', 'C=x=y'] },
      {},
      {},
      { Env: ['A=2', 'B', 'C=x=y'] },
    ],
    [
      'has labels, ports and volumes one by one',
      { Labels: { a: '1', own: 'x' }, ExposedPorts: { '80/tcp': {} }, Volumes: { '/old': {} } },
      { Labels: { a: '1' }, Volumes: { '/old': {} } },
      { Labels: { a: '2', b: '3' }, ExposedPorts: { '90/tcp': {} } },
      { Labels: { a: '2', b: '3', own: 'x' }, ExposedPorts: { '90/tcp': {}, '80/tcp': {} } },
    ],
    [
      'has a label with a name that objects have',
      { Labels: JSON.parse('{"__proto__":"x"}') as Record<string, string> },
      {},
      {},
      { Labels: JSON.parse('{"__proto__":"x"}') as Record<string, string> },
    ],
    [
      'has what no specification names by the same rule, but no triggers',
      { Healthcheck: { Test: ['NONE'] } },
      { Healthcheck: { Test: ['NONE'] } },
      { Healthcheck: { Test: ['CMD', 'x'] }, OnBuild: ['RUN x'] } as RunConfig,
      { Healthcheck: { Test: ['CMD', 'x'] } },
    ],
  ])('%s', (_what, own, old, next, merged) => {
    expect(rebase({ config: own }, { config: old }, { config: next }).config).toEqual(merged);
  });

  it('is nothing where nobody says anything', () => {
    expect(rebase({}).config).toEqual({});
  });
});

describe('the rest of the configuration', () => {
  it('has the newer date', () => {
    const [early, late] = ['2024-01-01T00:00:00Z', '2024-01-01T01:00:00.5+00:30'];
    expect(rebase({ created: early }, {}, { created: late }).created).toBe(late);
    expect(rebase({ created: late }, {}, { created: early }).created).toBe(late);
    expect(rebase({ created: early }, {}, { created: 'yesterday' }).created).toBe(early);
    expect(rebase({}).created).toBeUndefined();
  });

  it('is for the platform of the image and by its author', () => {
    expect(rebase({ author: 'me' }, { author: 'base' }, { author: 'new' })).toMatchObject({
      architecture: 'amd64',
      os: 'linux',
      author: 'me',
    });
    expect(rebase({ author: 'base' }, { author: 'base' }, { author: 'new' }).author).toBe('new');
  });
});

describe('the history', () => {
  const step = (created_by: string): HistoryEntry => ({ created_by });
  const empty = (created_by: string): HistoryEntry => ({ created_by, empty_layer: true });
  const base = [step('FROM'), empty('ENV'), step('RUN'), empty('CMD')];
  const steps = (own: Config, old: Config, next: Config): (string | undefined)[] =>
    (rebase(own, old, next).history ?? []).map((entry) => entry.created_by);

  it('is that of the new base, then the application’s own', () => {
    const own = [empty('WORKDIR'), step('COPY'), empty('USER')];
    expect(
      steps({ history: [...base, ...own] }, { history: base }, { history: [step('NEW'), empty('X')] }),
    ).toEqual(['NEW', 'X', 'WORKDIR', 'COPY', 'USER']);
  });

  it('begins behind the layers of the old base where the steps are told otherwise', () => {
    const own = [step('one'), step('two'), empty('USER'), step('COPY')];
    expect(steps({ history: own }, { history: base }, { history: [step('NEW')] })).toEqual([
      'NEW',
      'USER',
      'COPY',
    ]);
  });

  it('has a step a layer where it is not told', () => {
    expect(steps({}, {}, {})).toEqual(['the base image', 'the application image']);
    const image = makeImage([BASE, SECOND, OWN]);
    const partly = { ...image, config: { ...image.config, history: [step('one')] } };
    const bases = { oldBase: makeImage([BASE, SECOND], { history: base }), newBase: makeImage([NEW]) };
    expect(configOnNewBase({ image: partly, ...bases }).history).toEqual([
      step('the base image'),
      step('the application image'),
    ]);
  });
});
