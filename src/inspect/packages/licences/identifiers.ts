/**
 * SPDX identifiers that packages use without a version of their own naming, or in another case than the list has them
 * (SPDX License List 3.27). The GNU licences are {@link gnuIdentifier}'s.
 */
const IDENTIFIERS = [
  ...['0BSD', 'AFL-2.1', 'AFL-3.0', 'APSL-2.0', 'Apache-1.0', 'Apache-1.1', 'Apache-2.0', 'Artistic-1.0'],
  ...['Artistic-1.0-Perl', 'Artistic-2.0', 'BlueOak-1.0.0', 'BSD-1-Clause', 'BSD-2-Clause', 'BSD-3-Clause'],
  ...[
    'BSD-4-Clause',
    'BSD-4-Clause-UC',
    'BSD-Source-Code',
    'BSL-1.0',
    'bzip2-1.0.6',
    'CC-BY-3.0',
    'CC-BY-4.0',
  ],
  ...[
    'CC-BY-SA-2.0',
    'CC-BY-SA-2.5',
    'CC-BY-SA-3.0',
    'CC-BY-SA-4.0',
    'CC0-1.0',
    'CDDL-1.0',
    'CDDL-1.1',
    'CPL-1.0',
  ],
  ...[
    'curl',
    'ECL-2.0',
    'EFL-1.0',
    'EFL-2.0',
    'EPL-1.0',
    'EPL-2.0',
    'EUPL-1.1',
    'EUPL-1.2',
    'FSFAP',
    'FSFUL',
  ],
  ...[
    'FSFULLR',
    'FTL',
    'HPND',
    'ICU',
    'IJG',
    'ISC',
    'LPPL-1.3c',
    'Libpng',
    'libtiff',
    'MIT',
    'MIT-0',
    'MPL-1.0',
  ],
  ...['MPL-1.1', 'MPL-2.0', 'MS-PL', 'NCSA', 'NTP', 'OFL-1.0', 'OFL-1.1', 'OLDAP-2.8', 'OpenSSL', 'PHP-3.01'],
  ...['PostgreSQL', 'PSF-2.0', 'Python-2.0', 'QPL-1.0', 'Ruby', 'SGI-B-2.0', 'Sleepycat', 'Unicode-3.0'],
  ...['Unicode-DFS-2016', 'Unlicense', 'UPL-1.0', 'Vim', 'W3C', 'WTFPL', 'X11', 'Zlib', 'ZPL-2.0', 'ZPL-2.1'],
] as const;

const BY_LOWER_CASE: ReadonlyMap<string, string> = new Map(IDENTIFIERS.map((id) => [id.toLowerCase(), id]));

const GNU_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  GPL: ['1.0', '2.0', '3.0'],
  LGPL: ['2.0', '2.1', '3.0'],
  AGPL: ['1.0', '3.0'],
  GFDL: ['1.1', '1.2', '1.3'],
};

/** The identifier that a text is, whatever its case; nothing if it is none of those that are known here. */
export function identifierOf(text: string): string | undefined {
  return BY_LOWER_CASE.get(text.toLowerCase());
}

/**
 * The identifier of a GNU licence.
 * @param family `GPL`, `LGPL`, `AGPL` or `GFDL`, in any case
 * @param version as people write it: `2`, `2.0`, `2.1.0`
 * @returns nothing for a version that there is not
 */
export function gnuIdentifier(family: string, version: string, orLater: boolean): string | undefined {
  const name = family.toUpperCase();
  const [major = '', minor = '0'] = version.split('.');
  const known = GNU_VERSIONS[name]?.find((one) => one === `${major}.${minor}`);
  return known === undefined ? undefined : `${name}-${known}-${orLater ? 'or-later' : 'only'}`;
}
