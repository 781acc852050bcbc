/** What came of one test. */
export interface TestResult {
  /** With its kind: `File Existence Test: passwd`. */
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  /** Why it failed, or was skipped. */
  readonly errors: readonly string[];
  /** Of a command. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** Nanoseconds of its command; tests of files take none of their own. */
  readonly duration: number;
}

/** What came of one file of tests on one image. */
export interface FileResults {
  /** The test file as it was named. */
  readonly file: string;
  readonly platform: string;
  readonly results: readonly TestResult[];
}

export interface TestSummary {
  readonly pass: number;
  readonly fail: number;
  readonly skip: number;
  /** Nanoseconds. */
  readonly duration: number;
  /** None failed, and there was one at all. */
  readonly isPass: boolean;
}

/** The result of a test that had these faults. */
export function resultOf(name: string, errors: readonly string[]): TestResult {
  return { name, outcome: errors.length === 0 ? 'pass' : 'fail', errors, duration: 0 };
}

/** Counts results; without a test that ran there is no pass. */
export function summarize(files: readonly FileResults[]): TestSummary {
  const results = files.flatMap((file) => file.results);
  const count = (outcome: TestResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const [pass, fail, skip] = [count('pass'), count('fail'), count('skip')];
  const duration = results.reduce((sum, result) => sum + result.duration, 0);
  return { pass, fail, skip, duration, isPass: fail === 0 && pass > 0 };
}
