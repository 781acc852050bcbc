import { describe, expect, it } from 'vitest';
import { formatDuration } from './duration.ts';
import { resultsOf } from '../testing/structure-tests.ts';
import { formatJson } from './report-json.ts';
import { formatJunit } from './report-junit.ts';
import { formatText } from './report-text.ts';
import { summarize } from './result.ts';

const RESULTS = [
  { name: 'Command Test: c', duration: 1_234_567, stdout: 'out\n', stderr: 'err' },
  { name: 'File Existence Test: <e>', outcome: 'fail', errors: ['gone & "away"', 'twice'] },
  { name: 'Command Test: s', outcome: 'skip', errors: ['no engine'] },
] as const;
const DONE = [resultsOf(RESULTS)];
const PLAIN = [resultsOf([{ name: 'File Existence Test: whoami' }, { name: 'Metadata Test' }])];
const MANY = [resultsOf([{}], 'linux/amd64'), resultsOf([{}], 'linux/arm64')];
const SKIPPED = [resultsOf([{ outcome: 'skip', errors: ['x'] }])];

it.each([
  [0, '0s'],
  [999, '999ns'],
  [1500, '1.5µs'],
  [250_000_000, '250ms'],
  [1_234_567, '1.234567ms'],
  [1_000_000_000, '1s'],
  [90_500_000_000, '1m30.5s'],
  [3_600_000_000_000, '1h0m0s'],
])('%s nanoseconds are %s', (nanoseconds, text) => {
  expect(formatDuration(nanoseconds)).toBe(text);
});

describe('the sum', () => {
  it.each([
    ['all pass', PLAIN, true],
    ['one failed', DONE, false],
    ['none ran', SKIPPED, false],
    ['there are none', [], false],
  ])('%s', (_, files, isPass) => {
    expect(summarize(files).isPass).toBe(isPass);
  });
});

describe('text', () => {
  it('is laid out as people know it', () => {
    expect(formatText(PLAIN, false)).toBe(`
=================================
====== Test file: app.yaml ======
=================================
=== RUN: File Existence Test: whoami
--- PASS
duration: 0s
=== RUN: Metadata Test
--- PASS
duration: 0s

=================================
============ RESULTS ============
=================================
Passes:      2
Failures:    0
Duration:    0s
Total tests: 2

PASS
`);
  });

  it('says what failed and what was skipped', () => {
    const text = formatText(DONE, false);
    expect(text).toContain(
      '=== RUN: Command Test: c\n--- PASS\nduration: 1.234567ms\nstdout: out\n\nstderr: err\n',
    );
    expect(text).toContain('--- FAIL\nduration: 0s\nError: gone & "away"\nError: twice\n');
    expect(text).toContain('=== RUN: Command Test: s\n--- SKIP\nduration: 0s\nSkipped: no engine\n');
    expect(text).toContain('Failures:    1\nSkipped:     1\n');
    expect(text).toMatch(/Total tests: 2\n\nFAIL\n$/);
  });

  it('names the platform where there are several', () => {
    expect(formatText(MANY, false)).toContain('====== Test file: app.yaml (linux/arm64) ======');
  });

  it.each([
    ['none', [], 'No tests run! Check config file format.'],
    ['all skipped', SKIPPED, 'No tests run! All of them were skipped.'],
  ])('says that nothing ran: %s', (_, files, message) => {
    expect(formatText(files, false)).toContain(message);
  });

  it('has colours only if it may, and never those of a test', () => {
    const hostile = [resultsOf([{ name: 'a\u001b[31mb', outcome: 'fail', errors: ['\u202ex\u0007'] }])];
    expect(formatText(hostile, false)).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(formatText(PLAIN, true)).toContain('\u001b[32m--- PASS\u001b[0m');
  });
});

describe('JSON', () => {
  it('has the members that programs know', () => {
    expect(JSON.parse(formatJson(PLAIN))).toEqual({
      Pass: 2,
      Fail: 0,
      Total: 2,
      Duration: 0,
      Results: [
        { Name: 'File Existence Test: whoami', Pass: true, Duration: 0 },
        { Name: 'Metadata Test', Pass: true, Duration: 0 },
      ],
    });
  });

  it('says what failed and what was skipped', () => {
    expect(JSON.parse(formatJson(DONE))).toEqual({
      Pass: 1,
      Fail: 1,
      Skip: 1,
      Total: 2,
      Duration: 1_234_567,
      Results: [
        { Name: 'Command Test: c', Pass: true, Stdout: 'out\n', Stderr: 'err', Duration: 1_234_567 },
        { Name: 'File Existence Test: <e>', Pass: false, Errors: ['gone & "away"', 'twice'], Duration: 0 },
        { Name: 'Command Test: s', Pass: false, Skipped: 'no engine', Duration: 0 },
      ],
    });
  });

  it('names the platform where there are several', () => {
    expect(JSON.parse(formatJson(MANY))).toMatchObject({
      Results: [{ Platform: 'linux/amd64' }, { Platform: 'linux/arm64' }],
    });
  });
});

describe('JUnit', () => {
  it('is in the form that CI servers know', () => {
    expect(formatJunit(DONE)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><testsuites failures="1" tests="3" skipped="1" time="0.001234567">' +
        '<testsuite name="container-structure-test.test">' +
        '<testcase name="Command Test: c" time="0.001234567"><system-out>out&#xA;</system-out><system-err>err</system-err></testcase>' +
        '<testcase name="File Existence Test: &lt;e&gt;" time="0"><failure>gone &amp; &#34;away&#34;</failure><failure>twice</failure><system-out></system-out><system-err></system-err></testcase>' +
        '<testcase name="Command Test: s" time="0"><skipped message="no engine"></skipped><system-out></system-out><system-err></system-err></testcase>' +
        '</testsuite></testsuites>\n',
    );
  });

  it('has a suite for each platform where there are several', () => {
    const names = [...formatJunit(MANY, 'mine').matchAll(/testsuite name="([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(names).toEqual(['mine linux/amd64', 'mine linux/arm64']);
  });

  it('holds no character that XML has not', () => {
    const hostile = [resultsOf([{ stdout: 'a\u0000\u001b\ud800b😀\ufffe]]>' }])];
    expect(formatJunit(hostile)).toContain('<system-out>a\ufffd\ufffd\ufffdb😀\ufffd]]&gt;</system-out>');
  });
});
