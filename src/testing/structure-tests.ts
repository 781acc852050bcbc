import type { RunConfig } from '../oci/index.ts';
import { ImageView, readImage } from '../inspect/index.ts';
import { type LayerFiles, makeImage, makeLayer } from './layered-image.ts';
import type { CommandOutcome, CommandRun, Commands } from '../structure/commands.ts';
import { parseTestFile } from '../structure/parse-test-file.ts';
import type { FileResults, TestResult } from '../structure/result.ts';
import { runTests } from '../structure/run-tests.ts';
import type { TestFile } from '../structure/test-file.ts';
import { openTestedImage, type TestedImage } from '../structure/tested-image.ts';

/** An image of layers as tests see it. */
export async function testedImage(
  layers: readonly LayerFiles[],
  config: RunConfig = {},
  platform = 'linux/amd64',
): Promise<TestedImage> {
  const image = makeImage(
    layers.map((files) => makeLayer(files)),
    { config, platform },
  );
  return openTestedImage(new ImageView(await readImage(image, { readers: [], version: 0 })));
}

export async function testFile(yaml: string, path = 'app.yaml'): Promise<TestFile> {
  return await parseTestFile(Buffer.from(yaml), path);
}

/** Runs a file of schema 2.0.0, given without that line. */
export async function runYaml(
  yaml: string,
  image: TestedImage,
  commands: Commands = { skipped: 'no engine' },
): Promise<readonly TestResult[]> {
  const file = await testFile(`schemaVersion: 2.0.0\n${yaml}`);
  const [results] = await runTests([file], image, commands);
  return results?.results ?? [];
}

/** What a test found wrong: nothing if it passed. */
export async function faultsOf(yaml: string, image: TestedImage): Promise<readonly string[]> {
  return (await runYaml(yaml, image)).flatMap(({ errors }) => errors);
}

/** A runner that writes down what it is to run. */
export function fakeRunner(outcome: Partial<CommandOutcome> = {}): {
  commands: Commands;
  runs: CommandRun[];
} {
  const runs: CommandRun[] = [];
  const commands: Commands = {
    run(run) {
      runs.push(run);
      return Promise.resolve({
        exitCode: 0,
        stdout: '',
        stderr: '',
        setupCodes: [],
        duration: 1_500_000,
        ...outcome,
      });
    },
  };
  return { commands, runs };
}

/** Results as they come of tests of these outcomes. */
export function resultsOf(results: readonly Partial<TestResult>[], platform = 'linux/amd64'): FileResults {
  return {
    file: 'tests/app.yaml',
    platform,
    results: results.map((result) => ({ name: 'T', outcome: 'pass', errors: [], duration: 0, ...result })),
  };
}
