/** Structure tests as both schemas of their files say them: those of container-structure-test, 1.0.0 and 2.0.0. */
export interface TestFile {
  /** As it was named. */
  readonly path: string;
  readonly globalEnvVars: readonly Variable[];
  readonly commandTests: readonly CommandTest[];
  readonly fileContentTests: readonly FileContentTest[];
  readonly fileExistenceTests: readonly FileExistenceTest[];
  readonly licenseTests: readonly LicenceTest[];
  readonly metadataTest?: MetadataTest;
  readonly containerRunOptions: ContainerRunOptions;
}

export interface Variable {
  readonly key: string;
  readonly value: string;
}

/** A variable or label whose value is a text, or an expression that is found in it. */
export interface ExpectedValue extends Variable {
  readonly expression?: Expression;
}

/** An expression of RE2, not anchored. */
export interface Expression {
  readonly source: string;
  /** Whether it is found in a text, in time linear in its length. */
  matches(text: string): boolean;
}

export interface CommandTest {
  readonly name: string;
  readonly setup: readonly (readonly string[])[];
  readonly envVars: readonly Variable[];
  /** The program with its arguments. */
  readonly command: readonly string[];
  readonly exitCode: number;
  readonly expectedOutput: readonly Expression[];
  readonly excludedOutput: readonly Expression[];
  readonly expectedError: readonly Expression[];
  readonly excludedError: readonly Expression[];
}

export interface FileContentTest {
  readonly name: string;
  readonly path: string;
  readonly expectedContents: readonly Expression[];
  readonly excludedContents: readonly Expression[];
}

export const EXECUTABLE_BY = ['owner', 'group', 'other', 'any'] as const;

export interface FileExistenceTest {
  readonly name: string;
  /** `$NAME` and `${NAME}` stand for variables of the image. */
  readonly path: string;
  readonly shouldExist: boolean;
  /** As Go writes a FileMode: `-rw-r--r--`, `dtrwxrwxrwx`. */
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly isExecutableBy?: (typeof EXECUTABLE_BY)[number];
}

export interface LicenceTest {
  /** Whether the copyright file of every package of Debian is looked at. */
  readonly debian: boolean;
  readonly files: readonly string[];
}

export interface MetadataTest {
  readonly envVars: readonly ExpectedValue[];
  readonly unboundEnvVars: readonly string[];
  readonly labels: readonly ExpectedValue[];
  readonly exposedPorts: readonly string[];
  readonly unexposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly unmountedVolumes: readonly string[];
  /** An empty list asks for none; without one nothing is asked. */
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
}

/** How the containers of command tests are made. */
export interface ContainerRunOptions {
  readonly user?: string;
  readonly privileged: boolean;
  readonly allocateTty: boolean;
  /** A file of `NAME=VALUE` lines on this machine. */
  readonly envFile?: string;
  /** Names of variables of this process that the command gets. */
  readonly envVars: readonly string[];
  readonly capabilities: readonly string[];
  /** `SOURCE:TARGET[:OPTIONS]`. */
  readonly bindMounts: readonly string[];
}
