import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type ImageSink, isLocation, parseLocation } from '../../location/index.ts';

/** What an image is written to, and what is kept beside it: none of it is part of an application. */
export interface Written {
  readonly outputs?: readonly (string | ImageSink)[];
  /** Path of the lockfile, if one is used. */
  readonly lockfile?: string;
}

/** Absolute paths, as they are named and without links. */
export function writtenPlaces(
  { outputs = [], lockfile }: Written,
  workingFolder: string,
): ReadonlySet<string> {
  const paths = outputs.flatMap((output) => {
    const location = typeof output === 'string' && isLocation(output) ? parseLocation(output) : undefined;
    return location && 'path' in location ? [location.path] : [];
  });
  const named = [...paths, ...(lockfile === undefined ? [] : [lockfile])].map((path) =>
    resolve(workingFolder, path),
  );
  return new Set(named.flatMap((path) => [path, join(realOf(dirname(path)), basename(path)), realOf(path)]));
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
