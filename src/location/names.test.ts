import { describe, expect, it } from 'vitest';
import { assembleIndex, parsePlatform } from '../oci/index.ts';
import { smallImage } from './fixtures.ts';
import { applyReference, nameForDocker, platformName } from './names.ts';

const amd64 = await smallImage('a');
const armv7 = await smallImage('a', 'linux/arm/v7');
const other = await smallImage('b');
const index = assembleIndex([amd64, armv7]);

describe('a name given by the location', () => {
  it.each([
    [
      'nothing is said',
      undefined,
      [
        { names: ['x'], artifact: other },
        { names: [], artifact: amd64 },
      ],
      [['x'], []],
    ],
    ['one image has several names', 'tag', [{ names: ['x', 'y'], artifact: other }], [['tag']]],
    [
      'one image is given twice',
      'tag',
      [
        { names: ['x'], artifact: other },
        { names: ['y'], artifact: other },
      ],
      [['tag']],
    ],
    ['an index is alone', 'tag', [{ names: ['x'], artifact: index }], [['tag']]],
    [
      'an index comes with its images',
      'x:latest',
      [
        { names: ['i-arm'], artifact: armv7 },
        { names: ['i'], artifact: index },
        { names: ['i-amd64'], artifact: amd64 },
      ],
      [['x:latest'], ['x:latest-arm'], ['x:latest-amd64']],
    ],
  ])('where %s', (_what, reference, artifacts, names) => {
    expect(applyReference(artifacts, reference).map((named) => named.names)).toEqual(names);
  });

  it('cannot stand for several images', () => {
    const two = [
      { names: ['x'], artifact: amd64 },
      { names: ['y'], artifact: other },
    ];
    expect(() => applyReference(two, 'tag')).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('2 images') as string }),
    );
  });

  it('or for none', () => {
    expect(() => applyReference([], 'tag')).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => applyReference([], undefined)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

it('an image of an index is named by its platform', () => {
  expect(platformName('cc:latest', armv7)).toBe('cc:latest-arm');
});

describe('names for Docker', () => {
  const namesOf = (...args: Parameters<typeof nameForDocker>): unknown =>
    nameForDocker(args[0], args[1]).map(({ image, names }) => [
      image === amd64 ? 'amd64' : image === armv7 ? 'armv7' : 'other',
      ...names,
    ]);

  it.each([
    [
      'the first by default',
      undefined,
      [
        ['amd64', 'cc:latest', 'cc:latest-amd64'],
        ['armv7', 'cc:latest-arm'],
      ],
    ],
    [
      'the one that is asked for',
      'linux/arm/v7',
      [
        ['amd64', 'cc:latest-amd64'],
        ['armv7', 'cc:latest', 'cc:latest-arm'],
      ],
    ],
    [
      'the first where there is none such',
      'linux/s390x',
      [
        ['amd64', 'cc:latest', 'cc:latest-amd64'],
        ['armv7', 'cc:latest-arm'],
      ],
    ],
  ])('give the plain name to one image of an index: %s', (_what, platform, expected) => {
    const named = [{ names: ['cc:latest'], artifact: index }];
    expect(namesOf(named, platform === undefined ? undefined : parsePlatform(platform))).toEqual(expected);
  });

  it('are the same with the images named as well', () => {
    const named = [
      { names: ['cc:latest'], artifact: index },
      { names: ['cc:latest-amd64'], artifact: amd64 },
      { names: ['cc:latest-arm'], artifact: armv7 },
      { names: ['base'], artifact: other },
    ];
    expect(namesOf(named, undefined)).toEqual([
      ['amd64', 'cc:latest', 'cc:latest-amd64'],
      ['armv7', 'cc:latest-arm'],
      ['other', 'base:latest'],
    ]);
  });

  it('are given once', () => {
    const named = [
      { names: ['x'], artifact: amd64 },
      { names: ['x:latest'], artifact: other },
    ];
    expect(() => namesOf(named, undefined)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: 'two images have the name x:latest' }),
    );
  });

  it('must be such as Docker takes', () => {
    expect(() => namesOf([{ names: ['Bad'], artifact: amd64 }], undefined)).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });
});
