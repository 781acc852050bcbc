import { resultOf, type TestResult } from './result.ts';
import type { FileContentTest } from './test-file.ts';
import type { TestedText } from './tested-image.ts';

/** Whether expressions are found in a file, and others are not. */
export function testFileContent(
  { name, path, expectedContents, excludedContents }: FileContentTest,
  content: TestedText,
): TestResult {
  const title = `File Content Test: ${name}`;
  if ('fault' in content) return resultOf(title, [`Failed to open ${path}: ${content.fault}`]);
  const { text } = content;
  return resultOf(title, [
    ...expectedContents
      .filter((one) => !one.matches(text))
      .map(({ source }) => `Expected string '${source}' not found in ${path} (${text.length} characters)`),
    ...excludedContents
      .filter((one) => one.matches(text))
      .map(({ source }) => `Excluded string '${source}' found in ${path}`),
  ]);
}
