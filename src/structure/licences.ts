import { resultOf, type TestResult } from './result.ts';
import type { LicenceTest } from './test-file.ts';
import type { TestedImage, TestedText } from './tested-image.ts';

const DOCUMENTATION = '/usr/share/doc';
/** Its copyright file names a licence that is refused without being under it. */
const EXEMPT: readonly string[] = ['libgnutls30'];
/** Words that no copyright file may hold, in letters of either case. */
const REFUSED = ['AGPL', 'WTFPL'] as const;

/** The copyright files that a test reads: of every folder below /usr/share/doc, and those that it names. */
export function licenceFiles({ debian, files }: LicenceTest, image: TestedImage): string[] {
  const packages = debian ? (image.folders(DOCUMENTATION) ?? []) : [];
  return [
    ...packages.filter((name) => !EXEMPT.includes(name)).map((name) => `${DOCUMENTATION}/${name}/copyright`),
    ...files,
  ];
}

/** Whether all copyright files can be read and none names a refused licence. @param contents of {@link licenceFiles} */
export function testLicences(
  test: LicenceTest,
  image: TestedImage,
  contents: ReadonlyMap<string, TestedText>,
): TestResult {
  const isWithout = test.debian && image.folders(DOCUMENTATION) === undefined;
  return resultOf('License Test', [
    ...(isWithout ? [`${DOCUMENTATION} is no folder of the image`] : []),
    ...licenceFiles(test, image).flatMap((path) => {
      const content = contents.get(path) ?? { fault: 'it was not read' };
      if ('fault' in content) return [`Error reading license file ${path}: ${content.fault}`];
      const upper = content.text.toUpperCase();
      const word = REFUSED.find((each) => upper.includes(each));
      return word === undefined ? [] : [`Invalid license for ${path}, license contains ${word}`];
    }),
  ]);
}
