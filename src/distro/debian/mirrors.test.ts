import { describe, expect, it } from 'vitest';
import type { AptSource } from './apt-sources.ts';
import { mirrorsOf, mirrorsOfEnvironment, SNAPSHOT_BASE, snapshotUri, type SuiteSpec } from './mirrors.ts';

const TRIXIE: SuiteSpec = { archive: 'debian', suite: 'trixie', components: ['main'] };
const SECURITY: SuiteSpec = { archive: 'debian-security', suite: 'trixie-security', components: ['main'] };
const snapshotDate = new Date('2026-11-20T12:34:56.789Z');
const source = (uri: string, ...suites: string[]): AptSource => ({
  uri,
  suites,
  components: ['main', 'contrib'],
});

const apt = [
  source('https://php.example', 'trixie'),
  source('http://old.example/debian', 'bookworm', 'bookworm-updates'),
  source('http://new.example/debian', 'trixie'),
  source('http://sec.example/debian-security', 'bookworm-security'),
  source('http://internal.example/remote', 'bookworm'),
  { ...source('https://docker.example/linux/debian', 'trixie'), components: ['stable'] },
  source('https://node.example', 'nodistro'),
];

describe('mirrorsOf', () => {
  it('asks the option, apt’s sources, the definition and the dated archive, in this order', () => {
    const mirrors = mirrorsOf(TRIXIE, {
      explicit: { debian: 'http://option.example/' },
      apt,
      definition: { debian: 'http://definition.example/debian' },
      snapshotDate,
    });
    expect(mirrors.map(({ origin, uri }) => [origin, uri])).toEqual([
      ['option', 'http://option.example'],
      ['apt', 'http://new.example/debian'],
      ['apt', 'https://php.example'],
      ['apt', 'http://old.example/debian'],
      ['apt', 'http://internal.example/remote'],
      ['definition', 'http://definition.example/debian'],
      ['snapshot', `${SNAPSHOT_BASE}/archive/debian/20261120T123456Z`],
    ]);
  });

  it('keeps the archives apart', () => {
    const mirrors = mirrorsOf(SECURITY, { apt, snapshotDate, snapshotBase: 'http://s.example/' });
    expect(mirrors.map(({ uri }) => uri)).toEqual([
      'http://sec.example/debian-security',
      'http://s.example/archive/debian-security/20261120T123456Z',
    ]);
  });

  it('asks places that are not known to have all components after those that are', () => {
    const all = [{ ...source('http://main.example/debian', 'trixie'), components: ['main'] }, ...apt];
    const mirrors = mirrorsOf({ ...TRIXIE, components: ['main', 'contrib'] }, { apt: all, snapshotDate });
    expect(mirrors.map(({ uri }) => uri)).toEqual([
      'http://new.example/debian',
      'https://php.example',
      'http://old.example/debian',
      'http://internal.example/remote',
      'http://main.example/debian',
      expect.stringContaining(SNAPSHOT_BASE),
    ]);
  });

  it('names a place once', () => {
    const mirrors = mirrorsOf(TRIXIE, {
      explicit: { debian: 'http://new.example/debian/' },
      apt,
      definition: { debian: 'http://old.example/debian' },
      snapshotDate,
    });
    expect(new Set(mirrors.map(({ uri }) => uri)).size).toBe(mirrors.length);
    expect(mirrors[0]).toEqual({ uri: 'http://new.example/debian', origin: 'option' });
  });

  it.each([undefined, ''])('leaves out an option that is %j', (value) => {
    expect(mirrorsOf(TRIXIE, { explicit: { debian: value }, snapshotDate })).toHaveLength(1);
  });
});

describe('mirrorsOfEnvironment', () => {
  it('has a variable for each archive', () => {
    expect(mirrorsOfEnvironment({ PITH_MIRROR: 'a', PITH_MIRROR_SECURITY: 'b' })).toEqual({
      debian: 'a',
      'debian-security': 'b',
    });
  });
});

describe('snapshotUri', () => {
  it('spells the date as the dated archive does', () => {
    expect(snapshotUri('debian', new Date('2026-01-02T03:04:05Z'), 'http://s.example')).toBe(
      'http://s.example/archive/debian/20260102T030405Z',
    );
  });
});
