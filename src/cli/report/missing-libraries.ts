import type { InspectSummary } from '../../inspect/index.ts';

/** The loader and the libraries that a program would not find; nothing for one that no machine of the image runs. */
export function missingLibraries({
  foreign,
  interpreter,
  needed,
}: InspectSummary['programs'][number]): string[] {
  if (foreign) return [];
  const absent = needed.filter((one) => one.path === undefined && one.loadedBefore !== true);
  return [...(interpreter?.exists === false ? [interpreter.path] : []), ...absent.map(({ name }) => name)];
}
