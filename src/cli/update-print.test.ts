import { describe, expect, it } from 'vitest';
import type { PackageChange, UpdateReport } from '../build/index.ts';
import { formatUpdate as formatMarkdown } from './update-markdown.ts';
import { formatDifference } from './update-rows.ts';
import { formatUpdate as formatText } from './update-text.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const PLATFORMS = ['linux/amd64', 'linux/arm64'];

function version(text: string, suite = 'trixie'): NonNullable<PackageChange['to']> {
  return { version: text, source: { name: 'src', version: text }, suite };
}

/** A change of the images, from 1000 bytes to some more. */
function change(
  name: string,
  more: Partial<PackageChange>,
  images = ['one', 'two'],
  platforms = PLATFORMS,
): PackageChange {
  const places = images.flatMap((image) =>
    platforms.map((platform, at) => ({
      image,
      platform,
      ...(more.kind === 'in' ? {} : { before: 1000 }),
      ...(more.kind === 'out' ? {} : { after: 1000 + 100 * (at + 1) }),
    })),
  );
  return { kind: 'up', package: name, isSecurity: false, places, ...more };
}

function reportOf(more: Partial<UpdateReport> = {}): UpdateReport {
  const holdings = { packages: 1, bytes: 1000, unsized: 0 };
  const platforms = PLATFORMS.map((platform) => ({
    platform,
    before: holdings,
    after: { ...holdings, bytes: 1500 },
  }));
  return {
    isCurrent: false,
    changes: [
      change('libssl', {
        from: version('1'),
        to: version('1+deb13u1', 'trixie-security'),
        isSecurity: true,
      }),
      change('libold', { kind: 'out', from: version('1~rc1') }, ['one'], ['linux/amd64']),
      change('libnew', { kind: 'in', to: version('2'), because: 'libssl needs it (Depends: a | b)' }, [
        'one',
      ]),
    ],
    sources: [
      {
        name: 'openssl',
        from: '1',
        to: '1+deb13u1',
        isSecurity: true,
        packages: ['libssl'],
        entries: [
          {
            version: '1+deb13u1',
            distributions: 'trixie-security',
            urgency: 'medium',
            author: 'A <a@b>',
            date: '2026-09-29T20:10:28Z',
            text: '  * CVE-2026-1234: fix\n\n  * more',
            cves: ['CVE-2026-1234'],
          },
        ],
        cves: ['CVE-2026-1234'],
      },
      {
        name: 'tzdata',
        from: '2026a',
        to: '2026b',
        isSecurity: false,
        packages: ['tzdata'],
        entries: [],
        cves: [],
        missing: 'it cannot be had: no network is to be used',
      },
    ],
    cves: ['CVE-2026-1234'],
    images: [
      { name: 'one', isChanged: true, platforms },
      { name: 'two', isChanged: true, platforms },
    ],
    text: '',
    ...more,
  };
}

const print = { lockfile: 'pith.lock', changelog: false };

describe('the report of an update as text', () => {
  it('has a row a change, a row an image, a line a source, and a line that says it all', () => {
    expect(formatText(reportOf(), print)).toMatchInlineSnapshot(`
      "CHANGE  PACKAGE  LOCKED  ARCHIVE             DOWNLOAD           DIFFERENCE  SUITE            IMAGES             WHY
      up      libssl   1       1+deb13u1  1.10 kB … 1.20 kB      +100 B … +200 B  trixie-security  all images
      out     libold   1~rc1   -                          -             -1.00 kB  trixie           one (linux/amd64)
      in      libnew   -       2          1.10 kB … 1.20 kB  +1.10 kB … +1.20 kB  trixie           one                libssl needs it (Depends: a | b)

      IMAGE  PLATFORMS  UP  DOWN  IN  OUT  DOWNLOAD  DIFFERENCE
      one            2   1     0   1    1   3.00 kB    +1.00 kB
      two            2   1     0   0    0   3.00 kB    +1.00 kB

      openssl 1 → 1+deb13u1 (security): fixes CVE-2026-1234
      tzdata 2026a → 2026b: no changelog: it cannot be had: no network is to be used

      pith.lock: 1 up, 1 in, 1 out (2 of 2 images); 1 from the security archive; fixes 1 CVE
      "
    `);
  });

  it('has the entries of the changelogs where they are asked for', () => {
    expect(formatText(reportOf(), { ...print, changelog: true })).toContain(`
openssl 1 → 1+deb13u1 (security): fixes CVE-2026-1234

  1+deb13u1, trixie-security, medium, 2026-09-29T20:10:28Z

    * CVE-2026-1234: fix

    * more

tzdata`);
  });

  it('is one line where nothing changes', () => {
    expect(formatText(reportOf({ isCurrent: true, changes: [] }), print)).toBe(
      'pith.lock is current: 2 images\n',
    );
  });

  it('says which definitions ask for something else where no package changes', () => {
    expect(formatText(reportOf({ changes: [], sources: [], cves: [] }), print)).toBe(
      'pith.lock: no package changes, but what is asked for: one, two\n',
    );
  });

  it('says which images are built on another image now', () => {
    const base = {
      location: 'docker://registry.example/x',
      from: DIGEST,
      to: DIGEST.replace('a', 'b'),
    } as const;
    const images = reportOf().images.map((image) => ({ ...image, base }) as UpdateReport['images'][0]);
    const report = reportOf({ changes: [], sources: [], cves: [], images });
    expect(formatText(report, print)).toBe(
      `one: built on docker://registry.example/x, ${base.from} → ${base.to}
two: built on docker://registry.example/x, ${base.from} → ${base.to}

pith.lock: 2 base images (2 of 2 images)
`,
    );
    expect(formatMarkdown(report, print)).toContain('- `one`: built on docker://registry.example/x, sha256:');
  });

  it('says that sizes of npm are not in it', () => {
    const after = { packages: 1, bytes: 0, unsized: 1 };
    const platforms = [{ platform: 'linux/amd64', before: after, after }];
    const images = [{ name: 'one', isChanged: true, platforms }];
    expect(formatText(reportOf({ images }), print)).toContain('packages of npm are not counted');
  });

  it('lets nothing from outside act on a terminal', () => {
    const hostile = '\x1b[2J\u202e';
    const text = formatText(
      reportOf({
        changes: [
          change(`x${hostile}`, { from: version(hostile), to: version('1', hostile), because: hostile }),
        ],
        sources: [{ ...(reportOf().sources[1] as UpdateReport['sources'][0]), missing: hostile }],
        images: [{ name: `one${hostile}`, isChanged: true, platforms: [] }],
      }),
      print,
    );
    expect(text).not.toMatch(/[\x1b\u202e]/);
  });
});

describe('the report of an update as Markdown', () => {
  it('has tables, a list, and versions that no markup changes', () => {
    expect(formatMarkdown(reportOf(), print)).toMatchInlineSnapshot(`
      "### \`pith.lock\`: 1 up, 1 in, 1 out (2 of 2 images); 1 from the security archive; fixes 1 CVE

      | change | package | locked | archive | download | difference | suite | images | why |
      | --- | --- | --- | --- | --: | --: | --- | --- | --- |
      | up | \`libssl\` | \`1\` | \`1+deb13u1\` | 1.10 kB … 1.20 kB | +100 B … +200 B | trixie-security | all images |  |
      | out | \`libold\` | \`1~rc1\` | - | - | -1.00 kB | trixie | one (linux/amd64) |  |
      | in | \`libnew\` | - | \`2\` | 1.10 kB … 1.20 kB | +1.10 kB … +1.20 kB | trixie | one | libssl needs it (Depends: a \\| b) |

      | image | platforms | up | down | in | out | download | difference |
      | --- | --: | --: | --: | --: | --: | --: | --: |
      | \`one\` | 2 | 1 | 0 | 1 | 1 | 3.00 kB | +1.00 kB |
      | \`two\` | 2 | 1 | 0 | 0 | 0 | 3.00 kB | +1.00 kB |

      - \`openssl\` \`1\` → \`1+deb13u1\` (security): fixes CVE-2026-1234
      - \`tzdata\` \`2026a\` → \`2026b\`: no changelog: it cannot be had: no network is to be used
      "
    `);
  });

  it('folds the entries of the changelogs away, in a fence that they cannot close', () => {
    const [source] = reportOf().sources;
    const entries = source?.entries.map((entry) => ({ ...entry, text: '````\n</details>\n#1 @x' })) ?? [];
    const sources = [{ ...(source as UpdateReport['sources'][0]), entries }];
    expect(formatMarkdown(reportOf({ sources }), { ...print, changelog: true })).toContain(
      '<details><summary>changelog of openssl</summary>\n\n`````\n1+deb13u1 trixie-security\n\n````\n</details>\n#1 @x\n`````\n\n</details>\n',
    );
  });

  it('takes nothing from outside for markup', () => {
    const because = '<b>|*x*|@me #1 [a](b) `c`';
    const text = formatMarkdown(
      reportOf({ changes: [change('a`|b\n', { to: version('1'), kind: 'in', because })], sources: [] }),
      print,
    );
    expect(text).toContain("| `a'\\|b'` |");
    expect(text).toContain('\\<b\\>\\|\\*x\\*\\|\\@me \\#1 \\[a\\](b) \\`c\\`');
  });

  it('is one line where nothing changes', () => {
    expect(formatMarkdown(reportOf({ isCurrent: true }), print)).toBe('### `pith.lock` is current\n');
  });
});

describe('a difference of sizes', () => {
  it.each([
    [0, '0 B'],
    [1500, '+1.50 kB'],
    [-1500, '-1.50 kB'],
  ])('of %d bytes is %s', (bytes, text) => {
    expect(formatDifference(bytes)).toBe(text);
  });
});
