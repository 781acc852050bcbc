import { describe, expect, it } from 'vitest';
import type { Application } from '../../app/index.ts';
import type { LoadedDefinition } from '../image-spec.ts';
import { defineApplication, type FoundApplication } from './definitions.ts';

const PREFIX = 'org.opencontainers.image';

function annotations(found: Record<string, string>, own: Record<string, string>): unknown {
  const application: Application = {
    kind: 'files',
    title: 'files',
    evidence: [],
    layers: [],
    needs: { binaries: [], libraries: [], certificates: false, timeZones: false },
    config: { entrypoint: [], env: {}, ports: [], labels: found, writable: [] },
    notes: [],
  };
  const loaded: LoadedDefinition = {
    definition: { name: 'app', app: '.', labels: own },
    path: '/project/pith.yaml',
    isNamed: false,
    resolvePath: (path) => path,
  };
  const one = { application, trees: [] } as unknown as FoundApplication;
  return defineApplication(loaded, [one], []).at(-1)?.definition.annotations;
}

describe('annotations of an application', () => {
  const found = { [`${PREFIX}.source`]: 'https://found.example', [`${PREFIX}.revision`]: '1' };

  it('are the labels that were found', () => {
    expect(annotations(found, {})).toEqual(found);
  });

  it('are the same whatever was found, where the definition says them', () => {
    const own = { [`${PREFIX}.source`]: 'https://own.example', [`${PREFIX}.revision`]: '2' };
    expect(annotations(found, own)).toEqual(own);
    expect(annotations({}, own)).toEqual(own);
  });

  it('are no labels of other kinds, and no versions of packages', () => {
    const own = { team: 'a', [`${PREFIX}.version`]: '${version:libc6}' };
    expect(annotations({ [`${PREFIX}.version`]: '1' }, own)).toEqual({});
  });
});
