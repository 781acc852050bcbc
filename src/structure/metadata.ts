import type { RunConfig } from '../oci/index.ts';
import { resultOf, type TestResult } from './result.ts';
import type { ExpectedValue, MetadataTest } from './test-file.ts';
import { type Variables, variablesOf } from './variables.ts';

const METADATA_TEST = 'Metadata Test';

/** Whether a test asks for nothing: it does not count then. */
export function isEmptyMetadataTest(test: MetadataTest): boolean {
  return (
    Object.values(test).every((value: unknown) => Array.isArray(value) && value.length === 0) &&
    test.entrypoint === undefined &&
    test.cmd === undefined
  );
}

/** Whether an image's configuration is what a test expects. */
export function testMetadata(test: MetadataTest, config: RunConfig): TestResult {
  const env = variablesOf(config.Env ?? []);
  const volumes = Object.keys(config.Volumes ?? {});
  const ports = Object.keys(config.ExposedPorts ?? {});
  return resultOf(METADATA_TEST, [
    ...valueFaults('env var', test.envVars, env),
    ...test.unboundEnvVars
      .filter((key) => Object.hasOwn(env, key))
      .map((key) => `env var ${key} should not be set in the image`),
    ...valueFaults('label', test.labels, config.Labels ?? {}),
    ...listFaults('Cmd', test.cmd, config.Cmd),
    ...listFaults('entrypoint', test.entrypoint, config.Entrypoint),
    ...textFaults('workdir', test.workdir, config.WorkingDir),
    ...textFaults('user', test.user, config.User),
    ...test.exposedPorts
      .filter((port) => !ports.some((exposed) => isPort(exposed, port)))
      .map((port) => `Port ${port} should be exposed but is not`),
    ...test.unexposedPorts
      .filter((port) => ports.some((exposed) => isPort(exposed, port)))
      .map((port) => `Port ${port} should not be exposed`),
    ...test.volumes
      .filter((volume) => !volumes.includes(volume))
      .map((volume) => `Volume ${volume} should be mounted but is not`),
    ...test.unmountedVolumes
      .filter((volume) => volumes.includes(volume))
      .map((volume) => `Volume ${volume} should not be mounted`),
  ]);
}

function valueFaults(kind: string, expected: readonly ExpectedValue[], actual: Variables): string[] {
  return expected.flatMap(({ key, value, expression }) => {
    const found = Object.hasOwn(actual, key) ? actual[key] : undefined;
    if (found === undefined) return [`${kind} ${key} not found in the image`];
    const isExpected = expression ? expression.matches(found) : found === value;
    return isExpected ? [] : [`${kind} ${key} value ${found} does not match expected value: ${value}`];
  });
}

function listFaults(
  kind: string,
  expected: readonly string[] | undefined,
  actual: readonly string[] | null | undefined,
): string[] {
  if (!expected) return [];
  const [wanted, found] = [JSON.stringify(expected), JSON.stringify(actual ?? [])];
  return wanted === found ? [] : [`Image ${kind} ${found} does not match expected ${kind}: ${wanted}`];
}

function textFaults(kind: string, expected: string | undefined, actual = ''): string[] {
  return expected === undefined || expected === actual
    ? []
    : [
        `Image ${kind} ${JSON.stringify(actual)} does not match expected ${kind}: ${JSON.stringify(expected)}`,
      ];
}

/** A port without a protocol is one of any. */
function isPort(exposed: string, port: string): boolean {
  return exposed === port || exposed.split('/')[0] === port;
}
