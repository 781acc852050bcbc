import { type FileResults, summarize } from './result.ts';

/**
 * The report for programs, one line, with the members of container-structure-test: `Pass`, `Fail`, `Total`, `Duration`
 * (nanoseconds) and `Results`. `Skip` and `Skipped` are there if a test was skipped, `Platform` if there are several.
 */
export function formatJson(files: readonly FileResults[]): string {
  const { pass, fail, skip, duration } = summarize(files);
  const isMany = new Set(files.map(({ platform }) => platform)).size > 1;
  const results = files.flatMap(({ platform, results: some }) =>
    some.map(({ name, outcome, stdout = '', stderr = '', errors, duration: time }) => ({
      Name: name,
      ...(isMany ? { Platform: platform } : {}),
      Pass: outcome === 'pass',
      ...(outcome === 'skip' ? { Skipped: errors.join('; ') } : {}),
      ...(stdout === '' ? {} : { Stdout: stdout }),
      ...(stderr === '' ? {} : { Stderr: stderr }),
      ...(outcome === 'fail' ? { Errors: errors } : {}),
      Duration: time,
    })),
  );
  return `${JSON.stringify({
    Pass: pass,
    Fail: fail,
    ...(skip > 0 ? { Skip: skip } : {}),
    Total: pass + fail,
    Duration: duration,
    ...(results.length > 0 ? { Results: results } : {}),
  })}\n`;
}
