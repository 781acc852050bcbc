import { type InstalledPackage, matcher } from '../rootfs/index.ts';
import { isTarball } from '../resolve/index.ts';
import type { StoredListing } from './listing.ts';
import type { PlannedPackage } from './plan.ts';

/** What of the captured files the installation of a package would use; certificates tell that the image gets a bundle. */
const isUsed = matcher([
  'usr/lib/sysusers.d/*.conf',
  'usr/lib/tmpfiles.d/*.conf',
  'usr/share/factory/**',
  '**/*.crt',
]);

/**
 * A package of an image as its installation needs it.
 * @param newest newest time of its files, in seconds since 1970
 */
export function installedPackage(
  { locked, contents }: PlannedPackage,
  { files, captured, scripts }: StoredListing,
  newest: number,
): InstalledPackage {
  const used = Object.entries(captured).filter(([path]) => isUsed(path));
  return {
    name: locked.name,
    architecture: isTarball(locked) ? 'all' : locked.architecture,
    scripts: decodeAll(Object.entries(scripts)),
    captured: decodeAll(used),
    newest,
    contents,
    files,
  };
}

function decodeAll(entries: readonly (readonly [string, string])[]): Map<string, Uint8Array> {
  return new Map(entries.map(([name, text]) => [name, Buffer.from(text, 'base64')] as const));
}
