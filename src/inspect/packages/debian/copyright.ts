import { expressionOfSynopsis } from '../licences/debian-names.ts';
import { gnuIdentifier, identifierOf } from '../licences/identifiers.ts';
import { licencesOfPlainText, licencesOfText, plainText } from '../licences/texts.ts';
import { soundLicences } from '../texts.ts';

const MAX_STANZAS = 20_000;
/** A synopsis is a few words; more of them are the start of a text. */
const MAX_WORDS = 12;
const MACHINE_READABLE = /^format(?:-specification)?:.*(?:copyright-format|dep-?5)/im;
const REFERENCE = /\/usr\/share\/common-licenses\/([A-Za-z]+[0-9A-Za-z.-]*[0-9A-Za-z])/g;

/**
 * The licences that a package's copyright file names: of the machine-readable format 1.0 each `License` field of the header and of files,
 * of others the texts in /usr/share/common-licenses that it refers to, and well-known texts. SPDX expressions where its words
 * have one, else these words.
 */
export function licencesOfCopyright(text: string): string[] {
  const isMachineReadable = MACHINE_READABLE.test(text.slice(0, 2000));
  const licences = isMachineReadable ? licencesOfFields(text) : [];
  return soundLicences(licences.length > 0 ? licences : licencesOfProse(text));
}

function licencesOfFields(text: string): string[] {
  const stanzas = text.split(/\n[ \t]*\n/, MAX_STANZAS).filter((stanza) => /^license:/im.test(stanza));
  const named = stanzas.filter((stanza) => /^(?:files|format|format-specification):/im.test(stanza));
  return (named.length > 0 ? named : stanzas).flatMap((stanza) => {
    const field = /^license:(.*(?:\n[ \t].*)*)/im.exec(stanza)?.[1] ?? '';
    const synopsis = (field.trim().split('\n', 1)[0] ?? '').trim().replace(/\s+/g, ' ');
    const expression = expressionOfSynopsis(synopsis);
    if (expression !== undefined) return [expression];
    const isName =
      synopsis !== '' && synopsis.split(' ').length <= MAX_WORDS && !/[a-z]{2}[.;:]$/.test(synopsis);
    const isText = /^(?:permission|redistribution|this |you |licensed|copyright)/i.test(synopsis);
    return isName && !isText ? [synopsis] : licencesOfText(field);
  });
}

function licencesOfProse(text: string): string[] {
  const plain = plainText(text);
  const said = licencesOfPlainText(plain);
  const isExact = (version: string): boolean =>
    plain.includes(`version ${version}`) && !/any (?:later|newer) version/.test(plain);
  const references = new Set([...text.matchAll(REFERENCE)].map((match) => match[1] ?? ''));
  const referred = [...references].flatMap((name) => {
    const [, family, version] = /^(GPL|LGPL|GFDL)(?:-(\d(?:\.\d)?))?$/.exec(name) ?? [];
    if (family === undefined) return [identifierOf(name) ?? name];
    // Notices that say `any later version` tell more than the file that they refer to.
    if (said.some((id) => id.startsWith(`${family}-`))) return [];
    const isKnown = version !== undefined && isExact(version);
    return [(isKnown ? gnuIdentifier(family, version, false) : undefined) ?? name];
  });
  return [...said, ...referred];
}
