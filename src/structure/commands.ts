import type { TestResult } from './result.ts';
import type { CommandTest, ContainerRunOptions, Expression } from './test-file.ts';
import { expandAll, expandVariables, type Variables } from './variables.ts';

/** One command in a fresh container of the image, after others that prepare it. */
export interface CommandRun {
  /** Run one after the other; what they write is there for the command. What they end with does not count. */
  readonly setup: readonly (readonly string[])[];
  readonly command: readonly string[];
  /** Besides those of the image, for all of them. */
  readonly env: Variables;
  readonly options: ContainerRunOptions;
}

export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the commands of the set-up ended with, in their order. */
  readonly setupCodes: readonly number[];
  /** Nanoseconds that the command took, without its set-up. */
  readonly duration: number;
}

/** Runs commands in containers of one image. The image's own entrypoint is not used. */
export interface CommandRunner {
  /**
   * @returns why it was not run, if it asks for what there is not
   * @throws PithError if the container could not be run
   */
  run(command: CommandRun): Promise<CommandOutcome | Skipped>;
}

/** Why a command is not run. */
export interface Skipped {
  readonly skipped: string;
}

/** Who runs the commands of an image, or why nobody does. */
export type Commands = CommandRunner | Skipped;

/** What a command gets besides its test: of its file. */
export interface CommandContext {
  readonly options: ContainerRunOptions;
  /** Variables of the image. */
  readonly own: Variables;
  /** Variables of the file for all of its tests. */
  readonly globals: Variables;
}

/**
 * Runs a command and looks at what it wrote and ended with. Variables in its arguments stand for those of the image, the file
 * and the test.
 * @throws as CommandRunner.run
 */
export async function testCommand(
  test: CommandTest,
  { options, own, globals }: CommandContext,
  commands: Commands,
): Promise<TestResult> {
  const name = `Command Test: ${test.name}`;
  if ('skipped' in commands) return skippedTest(name, commands);
  const env = { ...globals, ...expandAll(test.envVars, { ...own, ...globals }) };
  const all = { ...own, ...env };
  const outcome = await commands.run({
    setup: test.setup,
    command: test.command.map((part) => expandVariables(part, all)),
    env,
    options,
  });
  if ('skipped' in outcome) return skippedTest(name, outcome);
  const { exitCode, stdout, stderr, setupCodes, duration } = outcome;
  const errors = [
    ...matchFaults('error', test.expectedError, test.excludedError, stderr),
    ...matchFaults('output', test.expectedOutput, test.excludedOutput, stdout),
    ...(exitCode === test.exitCode
      ? []
      : [
          `Test '${test.name}' ended with another exit code. Expected: ${test.exitCode}, Actual: ${exitCode}`,
        ]),
  ];
  if (errors.length === 0) return { name, outcome: 'pass', errors, stdout, stderr, duration };
  const causes = setupCodes.flatMap((code, index) =>
    code === 0 ? [] : [`Command ${index + 1} of the set-up had ended with ${code}`],
  );
  return { name, outcome: 'fail', errors: [...errors, ...causes], stdout, stderr, duration };
}

function skippedTest(name: string, { skipped }: Skipped): TestResult {
  return { name, outcome: 'skip', errors: [skipped], duration: 0 };
}

function matchFaults(
  kind: 'error' | 'output',
  expected: readonly Expression[],
  excluded: readonly Expression[],
  text: string,
): string[] {
  return [
    ...expected
      .filter((one) => !one.matches(text))
      .map(({ source }) => `Expected string '${source}' not found in ${kind}`),
    ...excluded
      .filter((one) => one.matches(text))
      .map(({ source }) => `Excluded string '${source}' found in ${kind}`),
  ];
}
