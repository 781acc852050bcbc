import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../oci/index.ts';
import { failureOf } from '../testing/thrown.ts';
import { parseDefinition } from './definition-file.ts';
import type { HealthcheckDefinition } from './definition-types.ts';
import { checkProbe, healthcheckOf, isDuration, isProbeUrl, probeFiles } from './healthcheck.ts';

const SECOND = 1_000_000_000;

describe('a health check', () => {
  it.each<[string, HealthcheckDefinition, object]>([
    [
      'an address',
      'http://:8080/health',
      { Test: ['CMD', '/usr/local/bin/pith-probe', 'http://:8080/health', '30000'] },
    ],
    ['a command', ['/app/server', '--health'], { Test: ['CMD', '/app/server', '--health'] }],
    ['none, whatever is inherited', false, { Test: ['NONE'] }],
    [
      'an address with times',
      { url: 'tcp://localhost:5432', interval: '1m30s', timeout: '2.5s', startPeriod: '500ms', retries: 5 },
      {
        Test: ['CMD', '/usr/local/bin/pith-probe', 'tcp://:5432', '2500'],
        Interval: 90 * SECOND,
        Timeout: 2.5 * SECOND,
        StartPeriod: SECOND / 2,
        Retries: 5,
      },
    ],
    [
      'a command with times',
      { test: ['/x'], interval: '1h' },
      { Test: ['CMD', '/x'], Interval: 3600 * SECOND },
    ],
  ])('is %s', (_what, definition, expected) => {
    expect(healthcheckOf(definition)).toEqual(expected);
  });

  it.each<[HealthcheckDefinition, string]>([
    ['https://:443/', '"https://:443/" is no address'],
    [{}, 'it needs one of `test`, a command, and `url`'],
    [[], 'it needs one of `test`, a command, and `url`'],
    [{ test: ['/x'], url: 'tcp://:1' }, 'it needs one of `test`, a command, and `url`'],
    [{ test: ['/x'], interval: '30' }, '"30" is no time'],
  ])('cannot be %j', (definition, message) => {
    const failure = failureOf(() => healthcheckOf(definition));
    expect(failure.code).toBe('DEFINITION_INVALID');
    expect(failure.message).toContain(message);
  });

  it('of a definition is checked with the file', () => {
    const read = (text: string): unknown =>
      parseDefinition(`name: app\nhealthcheck: ${text}\n`, 'pith.yaml').healthcheck;
    expect(read('http://:80/')).toBe('http://:80/');
    expect(read('false')).toBe(false);
    expect(read('{url: "tcp://:80", timeout: 3s, retries: 2}')).toEqual({
      url: 'tcp://:80',
      timeout: '3s',
      retries: 2,
    });
    for (const wrong of [
      'true',
      'http://example.org/',
      '[]',
      '{}',
      '{url: "tcp://:80", test: [x]}',
      '{url: "tcp://:80", interval: 3}',
      '{test: [x], intervall: 3s}',
      '{test: [x], retries: 0}',
    ])
      expect(failureOf(() => read(wrong)).code, wrong).toBe('DEFINITION_INVALID');
  });

  it('brings a probe for each platform where it needs one', () => {
    expect(
      probeFiles('tcp://:1', '/probes').map(({ platform, from }) => `${platform ?? ''} ${from ?? ''}`),
    ).toEqual([
      'linux/386 386',
      'linux/amd64 amd64',
      'linux/arm/v7 arm',
      'linux/arm64 arm64',
      'linux/ppc64le ppc64le',
      'linux/riscv64 riscv64',
      'linux/s390x s390x',
    ]);
    expect(probeFiles({ test: ['/x'] }, '/probes')).toEqual([]);
    expect(probeFiles(false, '/probes')).toEqual([]);
    expect(probeFiles(undefined, '/probes')).toEqual([]);
  });

  it('cannot need one where there is none', () => {
    const check = healthcheckOf('tcp://:1');
    const failure = failureOf(() => {
      checkProbe(check, ['linux/amd64', 'linux/mips64le']);
    });
    expect(failure.message).toContain('there is no probe for linux/mips64le');
    checkProbe(healthcheckOf(['/x']), ['linux/mips64le']);
  });

  it('of an image that another tool made is read', () => {
    const rootfs = { type: 'layers', diff_ids: [] };
    const read = (Healthcheck: unknown): unknown =>
      parseConfig(
        Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Healthcheck }, rootfs })),
      ).config?.Healthcheck;
    const whole = { Test: ['CMD-SHELL', 'x'], Interval: 1, Retries: 2, StartInterval: 5 };
    expect(read(whole)).toEqual(whole);
    expect(() => read({ Test: 'x' })).toThrow('$.config.Healthcheck.Test');
    expect(() => read({ Interval: -1 })).toThrow('$.config.Healthcheck.Interval');
  });
});

describe('times', () => {
  it.each(['30s', '1m30s', '0.5s', '1ms', '24h', '1h1m1s1ms'])('%s is one', (text) => {
    expect(isDuration(text)).toBe(true);
  });
  it.each(['', '30', 's', '-1s', '1 s', '0s', '0.5ms', '25h', '1d', '1s\n', '1e3s', '9999999999s'])(
    '%j is none',
    (text) => {
      expect(isDuration(text)).toBe(false);
    },
  );
});

describe('addresses', () => {
  it.each([
    'http://:80',
    'http://:80/',
    'http://localhost:8080/a?b=%20',
    'http://127.0.0.1:1/x',
    'tcp://[::1]:65535',
  ])('%s is one', (text) => {
    expect(isProbeUrl(text)).toBe(true);
  });
  it.each([
    'http://:0/',
    'http://:65536/',
    'http://',
    'http:///x',
    'http://example.org:80/',
    'https://:443/',
    'tcp://:80/x',
    'tcp://80',
    'http://:80/a b',
    'http://:80/\r\nX: y',
    'http://:80/ä',
    'HTTP://:80/',
    `http://:80/${'x'.repeat(2000)}`,
  ])('%j is none', (text) => {
    expect(isProbeUrl(text)).toBe(false);
  });

  it('never hold what would end a line of a request', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(isProbeUrl(`http://:80/${text}`)).toBe(/^[!-~]*$/.test(text));
      }),
    );
  });
});
