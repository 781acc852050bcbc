import { gnuIdentifier, identifierOf } from './identifiers.ts';

/** Names that mean one licence and no other, in lower case without punctuation. */
const NAMES: Readonly<Record<string, string>> = {
  'apache 2': 'Apache-2.0',
  'apache 20': 'Apache-2.0',
  'apache license 2': 'Apache-2.0',
  'apache license 20': 'Apache-2.0',
  'apache license version 2': 'Apache-2.0',
  'apache license version 20': 'Apache-2.0',
  'apache software license 20': 'Apache-2.0',
  'apache software license version 20': 'Apache-2.0',
  'apache public license 20': 'Apache-2.0',
  asl2: 'Apache-2.0',
  'boost software license 10 bsl10': 'BSL-1.0',
  '2clause bsd license': 'BSD-2-Clause',
  'bsd 2clause': 'BSD-2-Clause',
  'bsd 2clause license': 'BSD-2-Clause',
  '3clause bsd license': 'BSD-3-Clause',
  'bsd 3clause': 'BSD-3-Clause',
  'bsd 3clause license': 'BSD-3-Clause',
  'new bsd license': 'BSD-3-Clause',
  'cc0 10 universal cc0 10 public domain dedication': 'CC0-1.0',
  'eclipse distribution license 10': 'BSD-3-Clause',
  'eclipse distribution license v 10': 'BSD-3-Clause',
  'eclipse public license 10': 'EPL-1.0',
  'eclipse public license v10': 'EPL-1.0',
  'eclipse public license 10 epl10': 'EPL-1.0',
  'eclipse public license 20': 'EPL-2.0',
  'eclipse public license v20': 'EPL-2.0',
  'eclipse public license v 20': 'EPL-2.0',
  'eclipse public license 20 epl20': 'EPL-2.0',
  'european union public licence 12 eupl 12': 'EUPL-1.2',
  'isc license': 'ISC',
  'isc license iscl': 'ISC',
  'mit license': 'MIT',
  'mit no attribution license mit0': 'MIT-0',
  'mozilla public license 11 mpl 11': 'MPL-1.1',
  'mozilla public license 20 mpl 20': 'MPL-2.0',
  'mozilla public license version 20': 'MPL-2.0',
  'mpl 20': 'MPL-2.0',
  'unlicense unlicense': 'Unlicense',
  'universal permissive license upl': 'UPL-1.0',
};
const FAMILIES: Readonly<Record<string, string>> = { '': 'GPL', 'lesser ': 'LGPL', 'affero ': 'AGPL' };
const GNU =
  /^gnu (lesser |affero |)general public license (?:version |v ?)?(\d(?:\.\d)?)( or later)? ?(?:\([al]?gplv?\d?(?:\.\d)?\+?\))?$/;

/** The SPDX identifier that a name of a licence stands for (Python's classifiers, Maven's names); else the name as it is. */
export function licenceOfName(name: string): string {
  const text = name.trim().replace(/\s+/g, ' ');
  const lower = text.toLowerCase().replace(/^the /, '');
  const [, family = '', version = '', later] = GNU.exec(lower) ?? [];
  const gnu =
    version === '' ? undefined : gnuIdentifier(FAMILIES[family] ?? '', version, later !== undefined);
  return gnu ?? NAMES[lower.replace(/[^a-z0-9 ]/g, '')] ?? identifierOf(text) ?? text;
}
