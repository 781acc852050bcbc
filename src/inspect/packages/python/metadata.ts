import { foundPackage } from '../found-package.ts';
import { licenceOfName } from '../licences/names.ts';
import { licencesOfText } from '../licences/texts.ts';
import type { FoundPackage } from '../model.ts';

const MAX_LINES = 100_000;
/** A `License` field of more than this is the text of one. */
const MAX_NAME = 120;
const CLASSIFIER = /^License :: (?:.* :: )?(.+)$/;
/** Classifiers that say no more than that there is a licence. */
const VAGUE: ReadonlySet<string> = new Set(['OSI Approved', 'DFSG approved', 'Other/Proprietary License']);

/** The package of a METADATA or PKG-INFO file (Core metadata specifications 2.5); nothing without name and version. */
export function readMetadata(text: string): FoundPackage | undefined {
  const fields = readFields(text);
  const first = (name: string): string | undefined => fields.get(name)?.[0];
  return foundPackage({
    type: 'pypi',
    name: first('name'),
    version: first('version'),
    licences: licencesOf(fields),
    summary: saidOf(first('summary')),
  });
}

/** Header fields up to the first empty line, by name in lower case; a line that starts with space continues the one before it. */
function readFields(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of text.split(/\r?\n/, MAX_LINES)) {
    if (line.trim() === '') break;
    if (/^[ \t]/.test(line)) {
      const last = values?.pop();
      if (last !== undefined) values?.push(`${last}\n${line.trim()}`);
      continue;
    }
    const [, name = '', value = ''] = /^([A-Za-z-]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    values = fields.get(name.toLowerCase()) ?? [];
    values.push(value.trim());
    fields.set(name.toLowerCase(), values);
  }
  return fields;
}

/** The expression, else a field that names a licence, else the classifiers, else what the field says. */
function licencesOf(fields: ReadonlyMap<string, readonly string[]>): string[] {
  const expression = saidOf(fields.get('license-expression')?.[0]);
  if (expression !== undefined) return [expression];
  const field = saidOf(fields.get('license')?.[0]);
  const isName = field !== undefined && field.length <= MAX_NAME && !field.includes('\n');
  const named = isName ? licenceOfName(field) : undefined;
  if (named !== undefined && named !== field) return [named];
  const classified = (fields.get('classifier') ?? []).flatMap((text) => {
    const name = CLASSIFIER.exec(text)?.[1];
    return name === undefined || VAGUE.has(name) ? [] : [licenceOfName(name)];
  });
  const isPrecise =
    named !== undefined && /^[A-Za-z0-9.+-]+$/.test(named) && /\d|^(?:MIT|ISC|Zlib)$/.test(named);
  if (named !== undefined && (isPrecise || classified.length === 0)) return [named];
  return classified.length > 0 ? classified : licencesOfText(field ?? '');
}

/** setuptools writes `UNKNOWN` for what it was not told. */
function saidOf(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text.toUpperCase() === 'UNKNOWN' ? undefined : text;
}
