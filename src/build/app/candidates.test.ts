import { describe, expect, it } from 'vitest';
import type { Application } from '../../app/index.ts';
import { candidatesFor, generationsOf } from './candidates.ts';

const NAMES = [
  'cc-debian12',
  'cc-debian13',
  'java21-debian13',
  'nodejs24-debian13',
  'static-debian12',
  'static-debian13',
];

describe('candidates', () => {
  it('for machine code are all of a release, then those of the one before', () => {
    const needs = { binaries: [], libraries: [], certificates: false, timeZones: false };
    const names = candidatesFor({ title: 'C program', needs } as unknown as Application, NAMES);
    expect(names).toEqual(['static-debian13', 'cc-debian13', 'static-debian12', 'cc-debian12']);
    expect(generationsOf(names)).toEqual([
      ['static-debian13', 'cc-debian13'],
      ['static-debian12', 'cc-debian12'],
    ]);
  });

  it.each([
    [['python3-debian13', 'python3-debian12']],
    [['cc-debian12']],
    [['./own.yaml']],
    [['cc-debian13', './own.yaml']],
  ])('of other kinds are tried together: %j', (names) => {
    expect(generationsOf(names)).toEqual([names]);
  });
});
