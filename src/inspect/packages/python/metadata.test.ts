import { describe, expect, it } from 'vitest';
import { factsOf, packagesIn } from '../fixtures.ts';
import { readMetadata } from './metadata.ts';
import { pythonReader } from './reader.ts';

const HEAD = 'Metadata-Version: 2.1\nName: Some_Package\nVersion: 1.0.post1+local\n';
const MIT_TEXT = `Permission is hereby granted, free of charge, to any person obtaining a copy
        of this software and associated documentation files (the "Software"), to deal
        The above copyright notice and this permission notice shall be included in
        all copies or substantial portions of the Software.`;

describe('metadata of a Python package', () => {
  it('tell of it', () => {
    expect(readMetadata(`${HEAD}Summary: What it is\nLicense: MIT\n\nName: in the description\n`)).toEqual({
      type: 'pypi',
      name: 'Some_Package',
      version: '1.0.post1+local',
      licences: ['MIT'],
      summary: 'What it is',
      purl: 'pkg:pypi/some-package@1.0.post1%2Blocal',
    });
  });

  it.each([
    [
      ['License-Expression: MIT AND (Apache-2.0 OR BSD-2-Clause)', 'License: x'],
      ['MIT AND (Apache-2.0 OR BSD-2-Clause)'],
    ],
    [['License: Apache License, Version 2.0'], ['Apache-2.0']],
    [['License: MIT', 'Classifier: License :: OSI Approved :: MIT License'], ['MIT']],
    [['License: BSD', 'Classifier: License :: OSI Approved :: BSD License'], ['BSD License']],
    [['License: Custom'], ['Custom']],
    [['License: UNKNOWN', 'Classifier: License :: OSI Approved :: ISC License (ISCL)'], ['ISC']],
    [['Classifier: License :: OSI Approved'], []],
    [
      [
        'Classifier: License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)',
        'Classifier: Programming Language :: Python',
        'Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)',
      ],
      ['GPL-3.0-or-later', 'MPL-2.0'],
    ],
    [['Classifier: License :: OSI Approved :: Apache Software License'], ['Apache Software License']],
    [
      ['Classifier: License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)'],
      ['LGPL-3.0-only'],
    ],
    [['Classifier: License :: Public Domain'], ['Public Domain']],
    [[`License: ${MIT_TEXT}`], ['MIT']],
    [['License: All rights\n        reserved.'], []],
    [[], []],
  ])('%j: licences %j', (fields, licences) => {
    expect(readMetadata(`${HEAD}${fields.join('\n')}\n`)?.licences).toEqual(licences);
  });

  it.each([
    ['nothing', ''],
    ['no version', 'Name: a\n'],
    ['no name', 'Version: 1\n'],
    ['both in the description', 'Metadata-Version: 2.1\n\nName: a\nVersion: 1\n'],
    ['a continuation of nothing', ' a\nName:\nVersion:\n'],
  ])('with %s tell of none', (_what, text) => {
    expect(readMetadata(text)).toBeUndefined();
  });

  it('may have lines of Windows', () => {
    expect(readMetadata(HEAD.replaceAll('\n', '\r\n'))).toMatchObject({ name: 'Some_Package' });
  });

  it.each([
    ['usr/lib/python3.11/site-packages/a-1.dist-info/METADATA', 1],
    ['usr/lib/python3/dist-packages/a-1.egg-info/PKG-INFO', 1],
    ['usr/lib/python3/dist-packages/a-1.egg-info', 1],
    ['usr/lib/python3/dist-packages/a.egg/EGG-INFO/PKG-INFO', 1],
    ['usr/lib/python3/dist-packages/METADATA', 0],
    ['src/PKG-INFO', 0],
  ])('are read at %s: %d', async (path, count) => {
    expect(await packagesIn(pythonReader, path, HEAD)).toHaveLength(count);
  });
});

describe('lists of files of a Python package', () => {
  it('RECORD has paths with digests', async () => {
    const sum = Buffer.alloc(32, 1);
    const record = [
      `a/__init__.py,sha256=${sum.toString('base64url')},12`,
      'a/__pycache__/__init__.cpython-311.pyc,,',
      '../../../bin/a,md5=abc,1',
      '"a/with, comma and ""quotes"".py",sha256=short,1',
      '../../../../../../etc/passwd,,',
      '/usr/share/a,,',
      '',
    ].join('\r\n');
    const site = 'usr/lib/python3/site-packages';
    expect(await factsOf(pythonReader, `${site}/a_b-1.0.dist-info/RECORD`, record)).toEqual([
      {
        kind: 'owned-files',
        owned: {
          type: 'pypi',
          package: 'a_b',
          files: [
            { path: `${site}/a/__init__.py`, sha256: sum.toString('hex') },
            { path: `${site}/a/__pycache__/__init__.cpython-311.pyc` },
            { path: 'usr/bin/a' },
            { path: `${site}/a/with, comma and "quotes".py` },
            { path: 'usr/share/a' },
          ],
        },
      },
    ]);
  });

  it('installed-files.txt has paths relative to its own folder', async () => {
    const path = 'usr/lib/python3/site-packages/a-1.egg-info/installed-files.txt';
    expect(await factsOf(pythonReader, path, '../a/__init__.py\nPKG-INFO\n')).toMatchObject([
      {
        owned: {
          files: [
            { path: 'usr/lib/python3/site-packages/a/__init__.py' },
            { path: 'usr/lib/python3/site-packages/a-1.egg-info/PKG-INFO' },
          ],
        },
      },
    ]);
  });
});
