import { gnuIdentifier } from './identifiers.ts';

/** A text and the words that only this licence has. All are compared with single spaces and in lower case. */
const TEXTS: readonly {
  readonly id: string;
  readonly words: readonly string[];
  readonly without?: readonly string[];
}[] = [
  {
    id: 'MIT',
    words: [
      'permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files',
      'the above copyright notice and this permission notice shall be included in all copies or substantial portions of the software',
    ],
    without: ['except as contained in this notice'],
  },
  {
    id: 'ISC',
    words: [
      'permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies',
    ],
  },
  {
    id: 'ISC',
    words: [
      'permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies',
    ],
  },
  {
    id: 'Zlib',
    words: [
      'in no event will the authors be held liable for any damages arising from the use of this software',
      'permission is granted to anyone to use this software for any purpose, including commercial applications',
      'the origin of this software must not be misrepresented',
    ],
  },
  { id: 'BSL-1.0', words: ['boost software license - version 1.0 - august 17th, 2003'] },
  { id: 'Unlicense', words: ['this is free and unencumbered software released into the public domain'] },
  { id: 'Apache-2.0', words: ['licensed under the apache license, version 2.0'] },
  {
    id: 'MPL-2.0',
    words: ['subject to the terms of the mozilla public license, v. 2.0'],
  },
];

const GNU_FAMILIES: Readonly<Record<string, string>> = {
  '': 'GPL',
  'lesser ': 'LGPL',
  'library ': 'LGPL',
  'affero ': 'AGPL',
};
const GNU_NOTICE =
  /gnu (|lesser |library |affero )general public license(?: \([al]?gpl\))?,?(?: as published by the free software foundation)?[;,]? (?:either )?(?:in )?version (\d(?:\.\d)?)(?: of the license)?(,? or \(?at your option\)? any later version|,? or any later version|,? or \(at your option\) any newer version)?/g;

const BSD_START = 'redistribution and use in source and binary forms';
const BSD_END = 'even if advised of the possibility of such damage';
/** Longer than any of its conditions. */
const MAX_BSD = 4000;

/** The licences whose own words stand in a text, and no others. */
export function licencesOfText(text: string): string[] {
  return licencesOfPlainText(plainText(text));
}

/** The same of a text that went through {@link plainText}. */
export function licencesOfPlainText(plain: string): string[] {
  const found = new Set<string>();
  for (const { id, words, without = [] } of TEXTS)
    if (words.every((some) => plain.includes(some)) && !without.some((some) => plain.includes(some)))
      found.add(id);
  for (const id of bsdLicences(plain)) found.add(id);
  for (const [, kind = '', version = '', later] of plain.matchAll(GNU_NOTICE)) {
    const id = later === undefined ? undefined : gnuIdentifier(GNU_FAMILIES[kind] ?? '', version, true);
    if (id !== undefined) found.add(id);
  }
  return [...found];
}

/** In lower case, with single spaces, without the marks of comments and of Debian's paragraphs. */
export function plainText(text: string): string {
  return text
    .toLowerCase()
    .replace(/^[ \t]*(?:[.*#;]|\/\/|--)+(?=\s)/gm, ' ')
    .replace(/\s+/g, ' ');
}

/** What a text of Berkeley asks for, one after the other: their conditions alone tell them apart. */
function bsdLicences(plain: string): string[] {
  const found: string[] = [];
  for (let at = plain.indexOf(BSD_START); at >= 0; at = plain.indexOf(BSD_START, at + 1)) {
    const window = plain.slice(at + 1, at + MAX_BSD);
    const end = window.indexOf(BSD_END);
    const next = window.indexOf(BSD_START);
    if (end < 0 || (next >= 0 && next < end)) continue;
    const conditions = window.slice(0, end);
    const asks = (words: string): boolean => conditions.includes(words);
    if (
      !asks('redistributions of source code must retain') ||
      !asks('redistributions in binary form must reproduce')
    )
      continue;
    const isEndorsed =
      asks('neither the name') || asks('may not be used to endorse') || asks('names of its contributors');
    if (asks('all advertising materials mentioning')) {
      if (isEndorsed) found.push('BSD-4-Clause');
    } else if (isEndorsed) found.push('BSD-3-Clause');
    else if (!/(?:^| )(?:3|4|c|iii)[.)] /.test(conditions)) found.push('BSD-2-Clause');
  }
  return found;
}
