import { type Commands, testCommand } from './commands.ts';
import { testFileContent } from './file-content.ts';
import { testFileExistence } from './file-existence.ts';
import { licenceFiles, testLicences } from './licences.ts';
import { isEmptyMetadataTest, testMetadata } from './metadata.ts';
import type { FileResults, TestResult } from './result.ts';
import type { TestFile } from './test-file.ts';
import type { TestedImage, TestedText } from './tested-image.ts';
import { expandAll, variablesOf } from './variables.ts';

/**
 * Runs test files on an image: commands first, then contents, existence, licences and metadata, each in the order of its file.
 * All files of the image that tests read are read together.
 * @throws as TestedImage.read and CommandRunner.run
 */
export async function runTests(
  files: readonly TestFile[],
  image: TestedImage,
  commands: Commands,
): Promise<FileResults[]> {
  const contents = await image.read(new Set(files.flatMap((file) => pathsOf(file, image))));
  const done: FileResults[] = [];
  for (const file of files) {
    const results = await resultsOf(file, image, contents, commands);
    done.push({ file: file.path, platform: image.platform, results });
  }
  return done;
}

function pathsOf(file: TestFile, image: TestedImage): string[] {
  return [
    ...file.fileContentTests.map(({ path }) => path),
    ...file.licenseTests.flatMap((test) => licenceFiles(test, image)),
  ];
}

async function resultsOf(
  file: TestFile,
  image: TestedImage,
  contents: ReadonlyMap<string, TestedText>,
  commands: Commands,
): Promise<TestResult[]> {
  const own = variablesOf(image.config.Env ?? []);
  const globals = expandAll(file.globalEnvVars, own);
  const variables = { ...own, ...globals };
  const context = { options: file.containerRunOptions, own, globals };
  const results: TestResult[] = [];
  for (const test of file.commandTests) results.push(await testCommand(test, context, commands));
  const contentOf = (path: string): TestedText => contents.get(path) ?? { fault: 'it was not read' };
  const { metadataTest } = file;
  return [
    ...results,
    ...file.fileContentTests.map((test) => testFileContent(test, contentOf(test.path))),
    ...file.fileExistenceTests.map((test) => testFileExistence(test, image, variables)),
    ...file.licenseTests.map((test) => testLicences(test, image, contents)),
    ...(metadataTest && !isEmptyMetadataTest(metadataTest) ? [testMetadata(metadataTest, image.config)] : []),
  ];
}
