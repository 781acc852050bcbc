import { type FileResults, summarize, type TestResult } from './result.ts';

const SUITE_NAME = 'container-structure-test.test';
const SECOND = 1_000_000_000;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};
/** What XML 1.0 (fifth edition, section 2.2) has no way to write. */
const NO_CHARACTER =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The report for CI servers, one line, in the form of JUnit as container-structure-test writes it; times in seconds. A suite for
 * each platform if there are several.
 */
export function formatJunit(files: readonly FileResults[], suiteName = SUITE_NAME): string {
  const { pass, fail, skip, duration } = summarize(files);
  const platforms = [...new Set(files.map(({ platform }) => platform))];
  const suites = platforms.map((platform) => {
    const name = platforms.length > 1 ? `${suiteName} ${platform}` : suiteName;
    const cases = files.filter((file) => file.platform === platform).flatMap(({ results }) => results);
    return `<testsuite name="${escape(name)}">${cases.map(caseOf).join('')}</testsuite>`;
  });
  const skipped = skip > 0 ? ` skipped="${skip}"` : '';
  const totals = `failures="${fail}" tests="${pass + fail + skip}"${skipped} time="${duration / SECOND}"`;
  return `<?xml version="1.0" encoding="UTF-8"?><testsuites ${totals}>${suites.join('')}</testsuites>\n`;
}

function caseOf({ name, outcome, errors, stdout = '', stderr = '', duration }: TestResult): string {
  const failures = outcome === 'fail' ? errors.map((error) => `<failure>${escape(error)}</failure>`) : [];
  const skipped = outcome === 'skip' ? [`<skipped message="${escape(errors.join('; '))}"></skipped>`] : [];
  return [
    `<testcase name="${escape(name)}" time="${duration / SECOND}">`,
    ...failures,
    ...skipped,
    `<system-out>${escape(stdout)}</system-out><system-err>${escape(stderr)}</system-err></testcase>`,
  ].join('');
}

function escape(text: string): string {
  return text.replace(NO_CHARACTER, '\ufffd').replace(/[&<>"'\t\n\r]/g, (sign) => ESCAPES[sign] ?? sign);
}
