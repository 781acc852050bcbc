import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChangelogEntry, MAX_CHANGELOG, parseChangelog, selectEntries, sortCves } from './changelog.ts';
import { compareVersions } from './version.ts';

const parse = (text: string): ChangelogEntry[] => parseChangelog(Buffer.from(text));
const versionsOf = (entries: readonly ChangelogEntry[]): string[] => entries.map(({ version }) => version);

const OPENSSL = `openssl (3.5.7-1~deb13u3) trixie-security; urgency=medium

  * CVE-2026-84782 ("Messages From a Stale
    Buffer")
  * Also: CVE-2026-42772 and cve-2026-9999.

  [ Someone Else ]
  * Nothing more.

 -- Sebastian Andrzej <sebastian@example.org>  Tue, 29 Sep 2026 22:10:28 +0200

openssl (3.5.7-1~deb13u1) trixie; urgency=HIGH

  * Import 3.5.7

 -- Sebastian Andrzej <sebastian@example.org>  Sat, 18 Jul 2026 22:55:34 +0200

# Older entries have been removed from this changelog.
# To read the complete changelog use \`apt changelog libssl3t64\`.
`;

describe('a changelog', () => {
  it('has an entry an upload', () => {
    expect(parse(OPENSSL)).toEqual([
      {
        version: '3.5.7-1~deb13u3',
        distributions: 'trixie-security',
        urgency: 'medium',
        author: 'Sebastian Andrzej <sebastian@example.org>',
        date: '2026-09-29T20:10:28Z',
        text: `  * CVE-2026-84782 ("Messages From a Stale
    Buffer")
  * Also: CVE-2026-42772 and cve-2026-9999.

  [ Someone Else ]
  * Nothing more.`,
        cves: ['CVE-2026-9999', 'CVE-2026-42772', 'CVE-2026-84782'],
      },
      {
        version: '3.5.7-1~deb13u1',
        distributions: 'trixie',
        urgency: 'high',
        author: 'Sebastian Andrzej <sebastian@example.org>',
        date: '2026-07-18T20:55:34Z',
        text: '  * Import 3.5.7',
        cves: [],
      },
    ]);
  });

  it.each<[string, string, Partial<ChangelogEntry>]>([
    ['an epoch', 'x (2:1.0-1) unstable; urgency=low\n\n  * a\n\n -- A <a@b>  x\n', { version: '2:1.0-1' }],
    [
      'several suites, and keys besides the urgency',
      'x (1+b1) trixie  sid; binary-only=yes, Urgency=low (rebuild)\n\n  * a\n',
      { version: '1+b1', distributions: 'trixie sid', urgency: 'low' },
    ],
    ['no suite and no keys', 'x (1);\n  * a\n', { distributions: '', urgency: '' }],
    ['no trailer', 'x (1) sid; urgency=low\n\n  * a\n\n\n', { author: '', text: '  * a' }],
    ['a trailer of nothing', 'x (1) sid; urgency=low\n  * a\n --\n  * b\n', { author: '', text: '  * a' }],
    [
      'one blank before the date',
      'x (1) sid; urgency=low\n  * a\n -- A B <a@b> Mon, 01 Jan 2024 00:00:00 +0000\n',
      { author: 'A B <a@b>', date: '2024-01-01T00:00:00Z' },
    ],
    [
      'no day of the week, and a remark behind the date',
      'x (1) sid; urgency=low\n  * a\n -- A <a@b>  1 January 2024  0:00:00 -0500 (EST)\n',
      { author: 'A <a@b>', date: '2024-01-01T05:00:00Z' },
    ],
    ['no text', 'x (1) sid; urgency=low\n\n -- A <a@b>  x\n', { text: '', cves: [] }],
    ['line ends of DOS', 'x (1) sid; urgency=low\r\n\r\n  * a\r\n', { version: '1', text: '  * a' }],
    ['no line end', 'x (1) sid; urgency=low\n  * a', { text: '  * a' }],
    ['remarks of editors', '/* x */\nvim:et\nx (1) sid; u=l\n  * a\n# no text\n', { text: '  * a' }],
    ['a text that is not indented', 'x (1) sid; u=l\n* a (b) c\n', { text: '* a (b) c' }],
    [
      'what would act on a terminal',
      'x (1) sid; u=l\n  * \x1b[2Ja\u202eb\n -- \x1b]0;A\x07 <a@b>  x\n',
      { text: '  * [2Jab', author: ']0;A <a@b>' },
    ],
  ])('may have %s', (_what, text, expected) => {
    expect(parse(text)).toEqual([expect.objectContaining(expected)]);
  });

  it.each([
    ['before 1970', '-- A <a@b>  Mon, 01 Jan 1900 00:00:00 +0000', '1900-01-01T00:00:00Z'],
    ['of no time zone', '-- A <a@b>  Mon, 01 Jan 2024 00:00:00', undefined],
    ['that is none', '-- A <a@b>  Mon, 99 Foo 2024 00:00:00 +0000', undefined],
  ])('may have a date %s', (_what, trailer, date) => {
    expect(parse(`x (1) sid; u=l\n  * a\n ${trailer}\n`)[0]?.date).toBe(date);
  });

  it('may mix encodings from line to line', () => {
    const bytes = Buffer.concat([
      Buffer.from('x (2) sid; u=l\n  * Grüße\n -- Jürgen <a@b>  x\nx (1) sid; u=l\n  * '),
      Buffer.from('Grüße\n', 'latin1'),
      Buffer.from(' -- Jürgen <a@b>  x\n', 'latin1'),
    ]);
    expect(parseChangelog(bytes).map(({ text, author }) => [text, author])).toEqual([
      ['  * Grüße', 'Jürgen <a@b>'],
      ['  * Grüße', 'Jürgen <a@b>'],
    ]);
  });

  it.each([
    ['empty', ''],
    ['an upstream one', 'Version 1.0 (2024-01-01):\n- a\n2023-01-01  A  <a@b>\n\n\t* x.c (main): y.\n'],
    ['bytes of any kind', '\0\xff\xfe(;)(\n --\n'],
    ['a header without an end', 'x (1) sid\n  * a\n'],
  ])('that is none has no entries: %s', (_what, text) => {
    expect(parse(text)).toEqual([]);
  });

  it('is read as far as it can be one', () => {
    const entry = 'x (1) sid; urgency=low\n  * a\n -- A <a@b>  x\n';
    const late = Buffer.concat([Buffer.from(entry), Buffer.alloc(MAX_CHANGELOG, '\n'), Buffer.from(entry)]);
    expect(parseChangelog(late)).toHaveLength(1);
    expect(parse(entry.repeat(200_000))).toHaveLength(166_667);
    const long = parse(`x (1) sid; urgency=low\n  ${'a'.repeat(1_000_000)}\n`);
    expect(long[0]?.text).toHaveLength(2000);
    expect(parse(`x (${'1'.repeat(1_000_000)}) sid; urgency=low\n`)).toEqual([]);
  });

  it('of any bytes is read, and never gives what would act on a terminal', () => {
    const line = fc.oneof(
      fc.constantFrom('x (1) sid; urgency=low', ' -- A <a@b>  Mon, 01 Jan 2024 00:00:00 +0000', '', '  * a'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(line).map((lines) => Buffer.from(lines.join('\n'))),
          fc.uint8Array(),
        ),
        (bytes) => {
          for (const { version, distributions, author, text } of parseChangelog(bytes))
            expect(version + distributions + author + text).not.toMatch(
              /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u,
            );
        },
      ),
    );
  });

  it('that follows the format comes back as it was written', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9äß.+-]{1,12}$/);
    const entry = fc.record({
      version: fc.stringMatching(/^[0-9][0-9a-z.+~]{0,8}(-[0-9a-z+~]{1,4})?$/),
      distributions: fc.stringMatching(/^[a-z-]{1,12}$/),
      urgency: fc.constantFrom('low', 'medium', 'high'),
      author: word.map((name) => `${name} <${name}@example.org>`),
      date: fc
        .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString().replace(/\.\d+Z/, 'Z')),
      text: fc
        .array(fc.oneof(word, fc.constant('')), { minLength: 1, maxLength: 5 })
        .map((words) =>
          [...words, 'end']
            .map((each) => (each === '' ? '' : `  * ${each}`))
            .join('\n')
            .trim(),
        )
        .map((text) => `  ${text}`),
    });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const written = entries.map(
          ({ version, distributions, urgency, author, date, text }) =>
            `x (${version}) ${distributions}; urgency=${urgency}\n\n${text}\n\n -- ${author}  ${new Date(date).toUTCString().replace('GMT', '+0000')}\n`,
        );
        expect(parse(written.join('\n'))).toEqual(entries.map((one) => ({ ...one, cves: [] })));
      }),
    );
  });
});

describe('CVE numbers', () => {
  const found = (text: string): readonly string[] => parse(`x (1) sid; u=l\n  ${text}\n`)[0]?.cves ?? [];
  it.each([
    ['CVE-2024-1234', ['CVE-2024-1234']],
    ['(CVE-2024-1234, CVE-2024-123456)', ['CVE-2024-1234', 'CVE-2024-123456']],
    ['cve-2024-1234 CVE-2024-1234', ['CVE-2024-1234']],
    ['CVE-2024-1234.patch', ['CVE-2024-1234']],
    ['CVE-2024-123', []],
    ['XCVE-2024-1234', []],
    ['CVE-3024-1234', []],
    [`CVE-2024-${'1'.repeat(20)}`, []],
  ])('in %j are %j', (text, cves) => {
    expect(found(text)).toEqual(cves);
  });

  it('stand by year and number', () => {
    expect(sortCves(['CVE-2025-1000', 'CVE-2024-99999', 'CVE-2024-100000', 'CVE-2025-1000'])).toEqual([
      'CVE-2024-99999',
      'CVE-2024-100000',
      'CVE-2025-1000',
    ]);
  });
});

describe('the entries between two versions', () => {
  const entries = (...versions: string[]): ChangelogEntry[] =>
    parse(versions.map((version) => `x (${version}) sid; u=l\n  * a\n`).join(''));

  it.each<[string, string[], string | undefined, string, string[]]>([
    ['without the old one', ['3', '2', '1'], '1', '3', ['3', '2']],
    ['up to the new one, though later ones are there', ['3', '2', '1'], '1', '2', ['2']],
    ['by the order of Debian', ['1.10', '1.9', '1.9~rc1', '1.8'], '1.9~rc1', '1.10', ['1.10', '1.9']],
    ['where the old one is not there', ['3', '2', '1'], '1.5', '3', ['3', '2']],
    ['with epochs', ['1:1', '2', '1'], '1', '1:1', ['1:1', '2']],
    ['of a binary-only upload', ['1-1+b2', '1-1+b1', '1-1', '1-0'], '1-1+b1', '1-1+b2', ['1-1+b2']],
    [
      'of an update after a binary-only upload',
      ['1-1+deb13u1', '1-1'],
      '1-1+b1',
      '1-1+deb13u1',
      ['1-1+deb13u1'],
    ],
    ['in any order that they stand in', ['1', '3', '2', '3'], '1', '3', ['3', '2']],
    ['of a downgrade', ['1', '2'], '2', '1', []],
    ['of the new one alone', ['3', '2', '1'], undefined, '2', ['2']],
  ])('%s', (_what, versions, after, upTo, expected) => {
    expect(versionsOf(selectEntries(entries(...versions), after, upTo))).toEqual(expected);
  });

  it('are those above the one and not above the other, highest first', () => {
    const version = fc.stringMatching(/^([0-2]:)?[0-3]([.~+][0-2a])?(-[0-2])?$/);
    fc.assert(
      fc.property(fc.array(version), version, version, (versions, after, upTo) => {
        const selected = versionsOf(selectEntries(entries(...versions), after, upTo));
        for (const each of new Set(versions))
          expect(selected.includes(each)).toBe(
            compareVersions(each, after) > 0 && compareVersions(each, upTo) <= 0,
          );
        expect(selected).toEqual(selected.toSorted((a, b) => compareVersions(b, a)));
      }),
    );
  });
});
