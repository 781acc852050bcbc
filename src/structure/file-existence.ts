import { formatFileMode, permissionsOf } from './file-mode.ts';
import { resultOf, type TestResult } from './result.ts';
import type { FileExistenceTest } from './test-file.ts';
import type { TestedFile, TestedImage } from './tested-image.ts';
import { expandVariables, type Variables } from './variables.ts';

const EXECUTABLE_BITS = { owner: 0o100, group: 0o010, other: 0o001, any: 0o111 } as const;

/** Whether a file is there, with these permissions and owners; of one that must not be there nothing else is asked. */
export function testFileExistence(
  test: FileExistenceTest,
  image: TestedImage,
  variables: Variables,
): TestResult {
  const file = image.stat(expandVariables(test.path, variables));
  return resultOf(`File Existence Test: ${test.name}`, [...faultsOf(test, file)]);
}

function* faultsOf(test: FileExistenceTest, file: TestedFile | undefined): Generator<string> {
  const { path, shouldExist, permissions, isExecutableBy, uid, gid } = test;
  if (!file) {
    if (shouldExist) yield `File ${path} should exist but does not`;
    return;
  }
  if (!shouldExist) {
    yield `File ${path} should not exist but does`;
    return;
  }
  const actual = formatFileMode(file);
  if (permissions !== undefined && permissions !== actual)
    yield `${path} has incorrect permissions. Expected: ${permissions}, Actual: ${actual}`;
  if (isExecutableBy && (permissionsOf(file) & EXECUTABLE_BITS[isExecutableBy]) === 0)
    yield `${path} should be executable by ${isExecutableBy}, Actual: ${actual}`;
  if (uid !== undefined && uid !== file.uid)
    yield `${path} has incorrect user ownership. Expected: ${uid}, Actual: ${file.uid}`;
  if (gid !== undefined && gid !== file.gid)
    yield `${path} has incorrect group ownership. Expected: ${gid}, Actual: ${file.gid}`;
}
