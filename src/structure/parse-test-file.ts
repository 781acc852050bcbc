import { PithError } from '../core/index.ts';
import { openYaml, type YamlFile } from '../yaml/index.ts';
import { type CompileExpression, loadExpressions } from './expressions.ts';
import { type RawTestFile, type RawTestFile2, schema1, schema2 } from './schema.ts';
import type {
  CommandTest,
  ContainerRunOptions,
  ExpectedValue,
  Expression,
  FileExistenceTest,
  MetadataTest,
  TestFile,
  Variable,
} from './test-file.ts';

/** No test file that a person writes is larger; bounds what a hostile one costs. */
const MAX_SIZE = 4 << 20;
const DOCS = 'docs/testing.md';

type Place = readonly PropertyKey[];
type Raw<
  Key extends 'commandTests' | 'fileExistenceTests',
  File extends RawTestFile = RawTestFile,
> = NonNullable<File[Key]>[number];
type Texts = readonly string[] | null | undefined;

/**
 * Reads a test file, YAML or JSON, in schema 1.0.0 or 2.0.0. Its expressions are compiled.
 * @param path what it is called in errors and reports
 * @throws PithError DEFINITION_INVALID with path, line and column: not YAML, another schema, a key that the schema has not
 * (with the nearest one that it has), an expression that RE2 has not
 */
export async function parseTestFile(bytes: Uint8Array, path: string): Promise<TestFile> {
  if (bytes.length > MAX_SIZE)
    throw new PithError('DEFINITION_INVALID', `${path}: is larger than ${MAX_SIZE} bytes`, {
      path,
      hint: 'Split it: -c takes several files.',
    });
  const options = { what: 'the test file', docs: DOCS, asText: true, merge: true } as const;
  const file = openYaml(new TextDecoder().decode(bytes), path, options);
  return new Reader(file, await loadExpressions()).read(rawOf(file), path);
}

function rawOf(file: YamlFile): RawTestFile {
  const { value } = file;
  const version =
    typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : undefined;
  if (version === '1.0.0') return file.check(schema1);
  if (version === '2.0.0' || version === undefined) return file.check(schema2);
  throw file.fault(
    ['schemaVersion'],
    `\`schemaVersion\` must be "1.0.0" or "2.0.0", not ${JSON.stringify(version)}`,
    `${DOCS} says what each of them has.`,
  );
}

class Reader {
  readonly #file: YamlFile;
  readonly #compile: CompileExpression;

  constructor(file: YamlFile, compile: CompileExpression) {
    this.#file = file;
    this.#compile = compile;
  }

  read(raw: RawTestFile, path: string): TestFile {
    const { metadataTest, containerRunOptions }: Partial<RawTestFile2> =
      raw.schemaVersion === '2.0.0' ? raw : {};
    return {
      path,
      globalEnvVars: variablesOf(raw.globalEnvVars),
      commandTests: (raw.commandTests ?? []).map((test, index) =>
        this.#command(test, ['commandTests', index]),
      ),
      fileContentTests: (raw.fileContentTests ?? []).map(
        ({ name, path: tested, expectedContents, excludedContents }, index) => {
          const place = ['fileContentTests', index];
          return {
            name,
            path: tested,
            expectedContents: this.#expressions(expectedContents, [...place, 'expectedContents']),
            excludedContents: this.#expressions(excludedContents, [...place, 'excludedContents']),
          };
        },
      ),
      fileExistenceTests: (raw.fileExistenceTests ?? []).map(existenceOf),
      licenseTests: (raw.licenseTests ?? []).map(({ debian, files }) => ({
        debian: isTrue(debian),
        files: files ?? [],
      })),
      ...(metadataTest ? { metadataTest: this.#metadata(metadataTest) } : {}),
      containerRunOptions: runOptionsOf(containerRunOptions),
    };
  }

  #command(test: Raw<'commandTests'>, place: Place): CommandTest {
    const expressions = (key: 'expectedOutput' | 'excludedOutput' | 'expectedError' | 'excludedError') =>
      this.#expressions(test[key], [...place, key]);
    return {
      name: test.name,
      setup: test.setup ?? [],
      envVars: variablesOf(test.envVars),
      command:
        typeof test.command === 'string'
          ? [test.command, ...(('args' in test ? test.args : undefined) ?? [])]
          : test.command,
      exitCode: Number(test.exitCode ?? 0),
      expectedOutput: expressions('expectedOutput'),
      excludedOutput: expressions('excludedOutput'),
      expectedError: expressions('expectedError'),
      excludedError: expressions('excludedError'),
    };
  }

  #metadata(raw: NonNullable<RawTestFile2['metadataTest']>): MetadataTest {
    const { workdir, user, entrypoint, cmd } = raw;
    return {
      envVars: this.#values(raw.envVars, ['metadataTest', 'envVars']),
      unboundEnvVars: (raw.unboundEnvVars ?? []).map(({ key }) => key),
      labels: this.#values(raw.labels, ['metadataTest', 'labels']),
      exposedPorts: raw.exposedPorts ?? [],
      unexposedPorts: raw.unexposedPorts ?? [],
      volumes: raw.volumes ?? [],
      unmountedVolumes: raw.unmountedVolumes ?? [],
      ...(entrypoint ? { entrypoint } : {}),
      ...(cmd ? { cmd } : {}),
      ...(workdir ? { workdir } : {}),
      ...(user ? { user } : {}),
    };
  }

  #values(raw: NonNullable<RawTestFile2['metadataTest']>['labels'], place: Place): ExpectedValue[] {
    return (raw ?? []).map(({ key, value, isRegex }, index) => ({
      key,
      value: value ?? '',
      ...(isTrue(isRegex) ? { expression: this.#expression(value ?? '', [...place, index, 'value']) } : {}),
    }));
  }

  #expressions(sources: Texts, place: Place): Expression[] {
    return (sources ?? []).map((source, index) => this.#expression(source, [...place, index]));
  }

  #expression(source: string, place: Place): Expression {
    try {
      return this.#compile(source);
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unknown';
      throw this.#file.fault(
        place,
        `\`${place.map(String).join('.')}\` is no expression of RE2: ${why}`,
        'RE2 has neither look-around nor references to groups; a backslash before a sign takes its meaning away.',
      );
    }
  }
}

function existenceOf(
  raw: Raw<'fileExistenceTests'> & Partial<Raw<'fileExistenceTests', RawTestFile2>>,
): FileExistenceTest {
  const { name, path, shouldExist, permissions, uid, gid, isExecutableBy } = raw;
  return {
    name,
    path,
    shouldExist: shouldExist === undefined || shouldExist === null || isTrue(shouldExist),
    ...(permissions ? { permissions } : {}),
    ...owner('uid', uid),
    ...owner('gid', gid),
    ...(isExecutableBy ? { isExecutableBy } : {}),
  };
}

/** -1 asks for nothing, as the default of the original. */
function owner<Key extends 'uid' | 'gid'>(
  key: Key,
  id: string | null | undefined,
): Partial<Record<Key, number>> {
  if (id === undefined || id === null || Number(id) === -1) return {};
  return { [key]: Number(id) } as Record<Key, number>;
}

function runOptionsOf(raw: RawTestFile2['containerRunOptions']): ContainerRunOptions {
  const { user, envFile } = raw ?? {};
  return {
    ...(user ? { user } : {}),
    privileged: isTrue(raw?.privileged),
    allocateTty: isTrue(raw?.allocateTty),
    ...(envFile ? { envFile } : {}),
    envVars: raw?.envVars ?? [],
    capabilities: raw?.capabilities ?? [],
    bindMounts: raw?.bindMounts ?? [],
  };
}

function variablesOf(pairs: RawTestFile['globalEnvVars']): Variable[] {
  return (pairs ?? []).map(({ key, value }) => ({ key, value: value ?? '' }));
}

function isTrue(flag: string | null | undefined): boolean {
  return flag !== undefined && flag !== null && /^(true|yes|on|y)$/i.test(flag);
}
