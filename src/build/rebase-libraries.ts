import {
  findMissingLibraries,
  findMissingVersions,
  knowsLibraries,
  type ListedFile,
  type MissingLibrary,
} from '../rootfs/index.ts';
import { formatPlatform, type Platform } from '../oci/index.ts';
import { debianArchitecture } from './plan.ts';
import type { Findings } from './rebase-files.ts';
import { showPath } from './rebase-report.ts';
import { type Root, type Started, variableOf } from './rebase-root.ts';

/**
 * Whether the application's programs and libraries find on the new base what they found on the old one: the libraries and the
 * loader that they need, and the versions of symbols in these.
 */
export function checkLibraries(
  oldStart: Started,
  newStart: Started,
  platform: Platform,
  { findings, notes }: Findings,
): void {
  const architecture = architectureOf(platform);
  if (architecture === undefined) {
    notes.push(`libraries were not looked at: how ${formatPlatform(platform)} finds them is not known`);
    return;
  }
  const before = missingLibraries(oldStart, architecture);
  for (const [key, { path, needed, elsewhere }] of missingLibraries(newStart, architecture)) {
    const was = before.get(key);
    const file = showPath(path);
    if (!was)
      findings.push({
        check: 'libraries',
        path,
        message:
          elsewhere === undefined
            ? `${file} needs ${needed}, which the new base does not have`
            : `${file} needs ${needed}, which the new base has only where the loader does not look (${showPath(elsewhere)})`,
      });
    else if (was.elsewhere !== undefined && elsewhere === undefined)
      findings.push({
        check: 'libraries',
        path,
        message: `${file} needs ${needed} once another program has loaded it; the new base has it nowhere`,
      });
    else if (elsewhere === undefined) notes.push(`${file} needs ${needed}, which neither base has`);
  }
  const lacked = missingVersions(oldStart, architecture);
  for (const [key, { path, needed, version, library }] of missingVersions(newStart, architecture)) {
    const message = `${showPath(path)} needs ${version} of ${needed}, which ${showPath(library)} of the new base does not define`;
    const wasMet = !lacked.has(key) && !before.has(keyOf(path, needed));
    if (wasMet) findings.push({ check: 'versions', path, message });
    else notes.push(`${message}; on the old base it was no better`);
  }
}

function architectureOf(platform: Platform): string | undefined {
  try {
    const architecture = debianArchitecture(platform);
    return knowsLibraries(architecture) ? architecture : undefined;
  } catch {
    return undefined;
  }
}

/** What the application's own files lack, by their paths in its layers. */
function missingLibraries(start: Started, architecture: string): Map<string, MissingLibrary> {
  const missing = findMissingLibraries(entriesOf(start.root), optionsOf(start, architecture));
  const own = missing.flatMap((one) => withOwnPath(start.root, one));
  return new Map(own.map((one) => [keyOf(one.path, one.needed), one]));
}

function missingVersions(
  start: Started,
  architecture: string,
): Map<string, ReturnType<typeof findMissingVersions>[number]> {
  const missing = findMissingVersions(entriesOf(start.root), optionsOf(start, architecture));
  const own = missing.flatMap((one) => withOwnPath(start.root, one));
  return new Map(own.map((one) => [keyOf(one.path, one.needed, one.version), one]));
}

/** The same with the path in the application's layers; nothing for a file of the base. */
function withOwnPath<Missing extends { readonly path: string }>({ own }: Root, missing: Missing): Missing[] {
  const path = own.get(missing.path);
  return path === undefined ? [] : [{ ...missing, path }];
}

function optionsOf(
  { root, config }: Started,
  architecture: string,
): Parameters<typeof findMissingLibraries>[1] {
  return { configuration: root.captured, architecture, libraryPath: variableOf(config, 'LD_LIBRARY_PATH') };
}

function entriesOf({ files }: Root): [string, { file: ListedFile }][] {
  return files.files().map((file) => [file.path, { file }]);
}

function keyOf(...parts: string[]): string {
  return parts.join('\0');
}
