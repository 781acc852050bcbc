import * as z from 'zod/mini';
import { EXECUTABLE_BY } from './test-file.ts';

/**
 * The shape of test files: container-structure-test's README, "Setup" to "Additional Options", and its two schemas. Its reader
 * is typed, so a number or boolean without quotes is text where text is wanted, and a key without a value is no key.
 */
const text = z.string().check(z.minLength(1));
const texts = z.nullish(z.array(z.string()));
const somePaths = z.nullish(z.array(text));
const flag = z.nullish(
  z.string().check(z.regex(/^(true|false|yes|no|on|off|y|n)$/i, 'must be true or false')),
);
const whole = z.nullish(z.string().check(z.regex(/^[-+]?\d{1,10}$/, 'must be a whole number')));
const commands = z.nullish(z.array(z.array(z.string()).check(z.minLength(1))));
const pair = z.strictObject({ key: text, value: z.nullish(z.string()), isRegex: flag });
const pairs = z.nullish(z.array(pair));

const output = { expectedOutput: texts, excludedOutput: texts, expectedError: texts, excludedError: texts };
const commandTest = {
  name: text,
  setup: commands,
  teardown: commands,
  envVars: pairs,
  exitCode: whole,
  ...output,
};
const fileContentTest = z.strictObject({
  name: text,
  path: text,
  expectedContents: texts,
  excludedContents: texts,
});
const fileExistenceTest = {
  name: text,
  path: text,
  shouldExist: flag,
  permissions: z.nullish(z.string()),
};
const common = {
  globalEnvVars: pairs,
  fileContentTests: z.nullish(z.array(fileContentTest)),
  licenseTests: z.nullish(z.array(z.strictObject({ debian: flag, files: somePaths }))),
};

export const schema1 = z.strictObject({
  schemaVersion: z.literal('1.0.0'),
  ...common,
  commandTests: z.nullish(
    z.array(z.strictObject({ ...commandTest, command: z.array(z.string()).check(z.minLength(1)) })),
  ),
  fileExistenceTests: z.nullish(z.array(z.strictObject(fileExistenceTest))),
});

export const schema2 = z.strictObject({
  schemaVersion: z.literal('2.0.0'),
  ...common,
  commandTests: z.nullish(z.array(z.strictObject({ ...commandTest, command: text, args: texts }))),
  fileExistenceTests: z.nullish(
    z.array(
      z.strictObject({
        ...fileExistenceTest,
        uid: whole,
        gid: whole,
        isExecutableBy: z.nullish(z.enum(EXECUTABLE_BY)),
      }),
    ),
  ),
  metadataTest: z.nullish(
    z.strictObject({
      envVars: pairs,
      unboundEnvVars: pairs,
      labels: pairs,
      exposedPorts: somePaths,
      unexposedPorts: somePaths,
      volumes: somePaths,
      unmountedVolumes: somePaths,
      entrypoint: texts,
      cmd: texts,
      workdir: z.nullish(z.string()),
      user: z.nullish(z.string()),
    }),
  ),
  containerRunOptions: z.nullish(
    z.strictObject({
      user: z.nullish(z.string()),
      privileged: flag,
      allocateTty: flag,
      envFile: z.nullish(z.string()),
      envVars: texts,
      capabilities: texts,
      bindMounts: texts,
    }),
  ),
});

/** What a file says, in either schema. */
export type RawTestFile = z.infer<typeof schema1> | z.infer<typeof schema2>;
export type RawTestFile2 = z.infer<typeof schema2>;
