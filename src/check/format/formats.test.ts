import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type * as sarif from 'sarif';
import { checked, NOW, viewOf, withFacts } from '../../testing/checked.ts';
import type { LayerFiles, TestImage } from '../../testing/layered-image.ts';
import { Checker } from '../check-images.ts';
import { type CheckReport, MAX_FINDINGS } from '../model.ts';
import { checkReportJsonSchema, checkReportSchema } from '../report-schema.ts';
import { formatGithub } from './github.ts';
import { formatJunit } from './junit.ts';
import { formatSarif } from './sarif.ts';
import { formatText } from './text.ts';

const NAME = 'oci:images:app';
const HOSTILE = 'a\u001b[2J%:,\n<&>"\u202e';
const FILES: LayerFiles = {
  'bin/sh': withFacts({ kind: 'tool', category: 'shell', tool: 'busybox' }),
  [`opt/${HOSTILE}`]: { mode: 0o666 },
  su: { mode: 0o4755, content: 'x' },
};
const OPTIONS: TestImage = {
  config: { Cmd: ['/bin/sh', '-c', 'x'], Labels: { 'pith.check.allow.setuid-file': 'needed' } },
};
const ONLY = ['shell', 'world-writable', 'setuid-file', 'shell-form', 'no-origin-label'];

async function reportOf(
  images: readonly [LayerFiles, TestImage][],
  only: readonly string[] = ONLY,
): Promise<CheckReport> {
  const checker = new Checker({ only, silence: [{ rule: 'vi', reason: 'x' }] }, NOW);
  for (const [files, options] of images)
    checker.check({ view: await viewOf([files], options), context: { now: NOW } });
  return checker.report();
}

const report = reportOf([[FILES, OPTIONS]]);

describe('text', () => {
  it('has a block a rule, the worst first, and says what is silenced', async () => {
    expect(formatText(await report, { name: NAME })).toMatchInlineSnapshot(`
      "error    shell-form: A command needs a shell
               config.Cmd  a shell is to run x
               Write the exec form: \`ENTRYPOINT ["/app/server", "--port", "80"]\`. Variables are not replaced in it:
               let the application read its environment.

      error    shell: A shell is in the image
               /bin/sh (layer 1)  this is busybox
               Leave it out, or build on an image that does not have it: copy only what the application needs into
               the last stage. Look around with the debug variant of the image, or with a debug container.

      warning  world-writable: Everybody may change a file
               /opt/a\\x1b[2J%:,\\n<&>"\\u{202e} (layer 1)  a file of mode 0666
               Take the right away (\`chmod o-w\`), or give the file to the one user that writes it. A folder for
               everybody needs the sticky bit, as /tmp has it: mode 1777.

      note     no-origin-label: The image does not say where it is from
               config.Labels  there is no org.opencontainers.image.source, .url or .vendor
               Set \`org.opencontainers.image.source\` (and \`.revision\`, \`.version\`) as a label, or as an annotation
               of the manifest.

      note     unused-silence
               the silence of vi silences nothing: leave it out

      oci:images:app (linux/amd64): 2 errors, 1 warning, 2 notes, 5 rules
      silenced by the image: setuid-file: needed
      "
    `);
  });

  it('lists a finding of several platforms once, and those of some with their names', async () => {
    const arm = { ...OPTIONS, platform: 'linux/arm64' };
    const both = await reportOf(
      [
        [FILES, OPTIONS],
        [{ ...FILES, su: 'x', x: { mode: 0o666 } }, arm],
      ],
      ['shell', 'world-writable'],
    );
    const text = formatText(both, { name: NAME });
    expect(text).toContain('/bin/sh (layer 1)  this is busybox\n');
    expect(text).toMatch(/\/x \(layer 1\) +a file of mode 0666 \[linux\/arm64\]\n/);
    expect(text).toContain('(linux/amd64, linux/arm64): 2 errors, 3 warnings, 1 note, 2 rules');
  });

  it('lists some places of many, and how many more there are', async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`f${at}`, { mode: 0o666 }]));
    const text = formatText(await reportOf([[many, {}]], ['world-writable']), { name: NAME, most: 10 });
    expect(text.match(/mode 0666/g)).toHaveLength(10);
    expect(text).toContain('and 2 more\n');
  });

  it('is plain unless told how things look', async () => {
    const style = (text: string, as: string): string => `<${as}>${text}</${as}>`;
    expect(formatText(await report, { name: NAME, style })).toContain(
      '<error>error    </error><strong>shell</strong>: ',
    );
  });
});

describe('SARIF', () => {
  it('has rules, places, fingerprints, and what is silenced as suppressions', async () => {
    const log = JSON.parse(formatSarif(await report, { name: NAME, version: '1.2.3' })) as sarif.Log;
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run?.tool.driver.rules?.map(({ id }) => id)).toEqual([
      ...(await report).rules.map(({ id }) => id),
      'unused-silence',
    ]);
    const results = run?.results ?? [];
    for (const { ruleId, ruleIndex = -1 } of results)
      expect(run?.tool.driver.rules?.[ruleIndex]?.id).toBe(ruleId);
    expect(results.find(({ ruleId }) => ruleId === 'shell')).toMatchObject({
      level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'bin/sh', uriBaseId: 'IMAGE' } } }],
    });
    expect(
      results.find(({ ruleId }) => ruleId === 'world-writable')?.locations?.[0]?.physicalLocation
        ?.artifactLocation?.uri,
    ).toBe('opt/a%1B%5B2J%25%3A%2C%0A%3C%26%3E%22%E2%80%AE');
    expect(results.find(({ ruleId }) => ruleId === 'shell-form')?.locations?.[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'oci%3Aimages%3Aapp' } },
      logicalLocations: [{ fullyQualifiedName: 'config.Cmd' }],
    });
    expect(results.find(({ ruleId }) => ruleId === 'setuid-file')?.suppressions).toEqual([
      { kind: 'inSource', status: 'accepted', justification: 'needed' },
    ]);
    expect(new Set(results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(
      results.length,
    );
  });

  it('gives the same fingerprint to the same place in the next build', async () => {
    const fingerprints = async (files: LayerFiles): Promise<unknown> => {
      const log = JSON.parse(
        formatSarif(await reportOf([[files, {}]], ['shell']), { name: NAME, version: '1' }),
      ) as sarif.Log;
      return log.runs[0]?.results?.find(({ ruleId }) => ruleId === 'shell')?.partialFingerprints;
    };
    expect(await fingerprints({ ...FILES, more: 'x' })).toEqual(await fingerprints(FILES));
  });
});

describe('JUnit', () => {
  it('has a suite an image and a case a rule; notes pass and silenced findings skip', async () => {
    const xml = formatJunit(await report, { name: NAME });
    expect(xml).toContain('<testsuites name="pith check" tests="6" failures="3">');
    expect(xml).toContain(
      '<testsuite name="oci:images:app linux/amd64" tests="5" failures="3" errors="0" skipped="1">',
    );
    expect(xml).toContain('<failure type="error" message="/bin/sh (layer 1): this is busybox">');
    expect(xml).toContain('<skipped message="needed"/>');
    expect(xml).toMatch(/name="no-origin-label"[^>]*>\n +<system-out>/);
    expect(xml).not.toMatch(/[\u0000-\u0008\u001b\u202e]/);
  });
});

describe('GitHub annotations', () => {
  it('are one escaped line a finding', async () => {
    const lines = formatGithub(await report, { name: NAME, file: 'a,b:c.yaml' })
      .trimEnd()
      .split('\n');
    expect(lines).toEqual([
      '::error file=a%2Cb%3Ac.yaml,title=shell-form::oci:images:app: config.Cmd: a shell is to run x',
      '::error file=a%2Cb%3Ac.yaml,title=shell::oci:images:app: /bin/sh (layer 1): this is busybox',
      '::warning file=a%2Cb%3Ac.yaml,title=world-writable::oci:images:app: /opt/a\\x1b[2J%25:,\\n<&>"\\u{202e} (layer 1): a file of mode 0666',
      '::notice file=a%2Cb%3Ac.yaml,title=no-origin-label::oci:images:app: config.Labels: there is no org.opencontainers.image.source, .url or .vendor',
      '::notice file=a%2Cb%3Ac.yaml,title=unused-silence::oci:images:app: the silence of vi silences nothing: leave it out',
    ]);
  });
});

describe('JSON', () => {
  it('is as its published schema says', async () => {
    const value: unknown = { name: NAME, passed: false, ...(await report) };
    expect(checkReportSchema.safeParse(JSON.parse(JSON.stringify(value)))).toMatchObject({ success: true });
    const published = readFileSync(new URL('../../../schema/check.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(published)).toEqual(checkReportJsonSchema());
  });
});

describe('a hostile image', () => {
  it('with more findings than anybody reads has them counted', async () => {
    const many = Object.fromEntries(
      Array.from({ length: MAX_FINDINGS + 5 }, (_, at) => [`f${at}`, { mode: 0o666 }]),
    );
    const { findings, more } = await checked([many], {}, { policy: { only: ['world-writable'] } });
    expect(findings).toHaveLength(MAX_FINDINGS);
    expect(more).toEqual({ 'world-writable': 5 });
    const log = JSON.parse(
      formatSarif(await reportOf([[many, {}]], ['world-writable']), { name: NAME, version: '1' }),
    ) as sarif.Log;
    expect(log.runs[0]?.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toBe(
      '5 more findings of world-writable are not listed',
    );
  });
});
