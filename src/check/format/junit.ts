import type { CheckedImage, CheckReport, Finding } from '../model.ts';
import { placeOf } from './place.ts';

/** XML 1.0, section 2.2: what may not stand in a document, not even as a reference. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** JUnit's XML, as CI systems read it: a suite an image, a test case a rule. Notes do not fail a test, silenced findings skip one. */
export function formatJunit(report: CheckReport, { name }: { name: string }): string {
  const suites = report.images.map((image) => suiteOf(report, image, name));
  if (report.policy.length > 0) {
    const cases = report.policy.map((finding) => testCase(finding.rule, 'policy', bodyOf([finding], [], 0)));
    suites.push(suite('policy', cases));
  }
  const [tests, failures] = [count(suites, '<testcase '), count(suites, '<failure ')];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pith check" tests="${tests}" failures="${failures}">\n${suites.join('')}</testsuites>\n`;
}

function suiteOf(
  { rules }: CheckReport,
  { platform, findings, silenced, more }: CheckedImage,
  name: string,
): string {
  const cases = rules.map(({ id }) => {
    const own = findings.filter(({ rule }) => rule === id);
    const reasons = silenced.filter(({ rule }) => rule === id).map(({ reason }) => reason);
    return testCase(id, `${name} ${platform}`, bodyOf(own, reasons, more[id] ?? 0));
  });
  return suite(`${name} ${platform}`, cases);
}

function suite(name: string, cases: readonly string[]): string {
  const [failures, skipped] = [count(cases, '<failure '), count(cases, '<skipped ')];
  return `  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}">\n${cases.join('')}  </testsuite>\n`;
}

function testCase(name: string, group: string, body: string): string {
  const head = `    <testcase name="${escape(name)}" classname="${escape(group)}"`;
  return body === '' ? `${head}/>\n` : `${head}>\n${body}    </testcase>\n`;
}

function bodyOf(findings: readonly Finding[], reasons: readonly string[], more: number): string {
  const [first] = findings;
  if (!first) {
    const [reason] = reasons;
    return reason === undefined ? '' : `      <skipped message="${escape(reason)}"/>\n`;
  }
  const lines = findings.map((finding) =>
    [placeOf(finding), finding.message].filter((part) => part !== '').join(': '),
  );
  if (more > 0) lines.push(`and ${more} more`);
  const text = escape(lines.join('\n'));
  if (first.severity === 'note') return `      <system-out>${text}</system-out>\n`;
  return `      <failure type="${first.severity}" message="${escape(lines[0] ?? '')}">${text}</failure>\n`;
}

function count(texts: readonly string[], what: string): number {
  return texts.reduce((sum, text) => sum + text.split(what).length - 1, 0);
}

function escape(text: string): string {
  return text
    .replace(NO_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
