import { describe, expect, it } from 'vitest';
import { expressionOfSynopsis } from '../licences/debian-names.ts';
import { factsOf } from '../fixtures.ts';
import { licencesOfCopyright } from './copyright.ts';
import { debianReader } from './readers.ts';

const FORMAT = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';
const GPL_NOTICE = `   This program is free software; you can redistribute it and/or modify
   it under the terms of the GNU General Public License as published by
   the Free Software Foundation; either version 2 of the License, or
   (at your option) any later version.
`;
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
 of this software and associated documentation files (the "Software"), to deal
 .
 The above copyright notice and this permission notice shall be included in
 all copies or substantial portions of the Software.
`;
const BSD = `Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:
1. Redistributions of source code must retain the above copyright notice.
2. Redistributions in binary form must reproduce the above copyright notice.
`;
const BSD_END = 'USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.\n';

describe('a short name of a licence', () => {
  it.each([
    ['GPL-2+', 'GPL-2.0-or-later'],
    ['GPL-2', 'GPL-2.0-only'],
    ['gpl-2.0.0+', 'GPL-2.0-or-later'],
    ['GPLv3+', 'GPL-3.0-or-later'],
    ['LGPL-2.1+', 'LGPL-2.1-or-later'],
    ['GFDL-1.3+', 'GFDL-1.3-or-later'],
    ['GFDL-NIV-1.3+', 'GFDL-1.3-no-invariants-or-later'],
    ['Apache-2.0 with LLVM exception', 'Apache-2.0 WITH LLVM-exception'],
    ['GPL-3.0-or-later', 'GPL-3.0-or-later'],
    ['Expat', 'MIT'],
    ['BSD-3-clause', 'BSD-3-Clause'],
    ['Apache-2.0', 'Apache-2.0'],
    ['GPL-1+ or Artistic-2.0', 'GPL-1.0-or-later OR Artistic-2.0'],
    ['Expat and ISC or Zlib', 'MIT AND ISC OR Zlib'],
    ['GPL-2+ or Expat, and BSD-2-clause', '(GPL-2.0-or-later OR MIT) AND BSD-2-Clause'],
    ['GPL-2 with Linux-syscall-note exception', 'GPL-2.0-only WITH Linux-syscall-note'],
    ['GPL-2+ with Classpath exception', 'GPL-2.0-or-later WITH Classpath-exception-2.0'],
  ])('%s is %s', (synopsis, expression) => {
    expect(expressionOfSynopsis(synopsis)).toBe(expression);
  });

  it.each([
    '',
    'GPL',
    'GPL-7',
    'BSD',
    'public-domain',
    'GPL-1+ or Artistic',
    'GPL-2+ with OpenSSL exception',
    'or',
    ', and',
  ])('%j has no identifier', (synopsis) => {
    expect(expressionOfSynopsis(synopsis)).toBeUndefined();
  });
});

describe('a copyright file', () => {
  it.each<[string, string, string[]]>([
    [
      'its fields of files, each once',
      `${FORMAT}License: Expat\n\nFiles: *\nCopyright: me\nLicense: GPL-2+ or Expat\n\nFiles: b\nLicense: GPL-2+ or Expat\n\nLicense: GPL-2+\n text\n`,
      ['MIT', 'GPL-2.0-or-later OR MIT'],
    ],
    [
      'its own words where they have no identifier',
      `${FORMAT}\nFiles: *\nLicense:  public-domain\n Nobody.\n`,
      ['public-domain'],
    ],
    ['a text in place of a name', `${FORMAT}\nFiles: *\nLicense: ${MIT.replaceAll('\n', '\n ')}`, ['MIT']],
    ['a text without a name', `${FORMAT}\nFiles: *\nLicense:\n ${MIT.replaceAll('\n', '\n ')}`, ['MIT']],
    [
      'an older format',
      'Format-Specification: http://dep.debian.net/deps/dep5\n\nFiles: *\nLicense: ISC\n',
      ['ISC'],
    ],
    ['names alone where no files are told', `${FORMAT}\nLicense: ISC\n text\n`, ['ISC']],
    [
      'a notice, not what it refers to',
      `${GPL_NOTICE}\nOn Debian systems see /usr/share/common-licenses/GPL-2.\n`,
      ['GPL-2.0-or-later'],
    ],
    [
      'the version alone',
      "under the terms of the GNU General Public License, version 2.\nSee `/usr/share/common-licenses/GPL-2'",
      ['GPL-2.0-only'],
    ],
    ['a reference as it is', 'See /usr/share/common-licenses/GPL-2.', ['GPL-2']],
    [
      'references',
      '/usr/share/common-licenses/Apache-2.0, /usr/share/common-licenses/Artistic',
      ['Apache-2.0', 'Artistic'],
    ],
    ['the text of MIT', MIT, ['MIT']],
    ['the text of BSD, two clauses', `${BSD}${BSD_END}`, ['BSD-2-Clause']],
    [
      'the text of BSD, three clauses',
      `${BSD}3. Neither the name of the authors\n${BSD_END}`,
      ['BSD-3-Clause'],
    ],
    [
      'the text of BSD, four clauses',
      `${BSD}3. All advertising materials mentioning features\n4. Neither the name\n${BSD_END}`,
      ['BSD-4-Clause'],
    ],
    [
      'two texts of BSD',
      `${BSD}3. Neither the name\n${BSD_END}\n${BSD}${BSD_END}`,
      ['BSD-3-Clause', 'BSD-2-Clause'],
    ],
  ])('says %s', (_what, text, licences) => {
    expect(licencesOfCopyright(text)).toEqual(licences);
  });

  it.each([
    ['nothing', ''],
    ['words without a licence', 'Copyright 2020 by me. All rights reserved.'],
    ['a text of BSD with another third clause', `${BSD}3. You must dance.\n${BSD_END}`],
    ['a text of BSD that does not end', BSD],
    ['the text of X11', `${MIT}Except as contained in this notice, the name`],
  ])('says nothing of %s', (_what, text) => {
    expect(licencesOfCopyright(text)).toEqual([]);
  });

  it('is read where Debian has it', async () => {
    const facts = await factsOf(debianReader, 'usr/share/doc/libstdc++6/copyright', MIT);
    expect(facts).toEqual([{ kind: 'licences', package: 'libstdc++6', licences: ['MIT'] }]);
    expect(await factsOf(debianReader, 'usr/share/doc/a/b/copyright', MIT)).toEqual([]);
  });

  it.each([
    ['spaces', ' '.repeat(2_000_000)],
    ['starts of BSD', 'redistribution and use in source and binary forms '.repeat(40_000)],
    [
      'starts of BSD before an end',
      `${'redistribution and use in source and binary forms '.repeat(40_000)}even if advised of the possibility of such damage`,
    ],
    ['starts of notices', 'gnu general public license '.repeat(80_000)],
    ['fields', `${FORMAT}${'License: a\n\n'.repeat(100_000)}`],
    ['commas', `${FORMAT}\nFiles: *\nLicense: ${', and'.repeat(100_000)}`],
  ])('of endless %s ends', (_what, text) => {
    expect(licencesOfCopyright(text).length).toBeLessThan(300);
  });
});
