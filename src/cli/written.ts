import type { WriteReport } from '../location/index.ts';
import { formatSize } from './format.ts';

/** Prints what was written: each name with its digest for scripts, and for people how much moved. */
export function printWritten(report: WriteReport, { quiet = false }: { readonly quiet?: boolean }): void {
  for (const line of linesOf(report)) process.stdout.write(`${line}\n`);
  if (!quiet) process.stderr.write(`pith: ${summaryOf(report)}\n`);
}

/** Each name that was written, with its digest: what scripts want to know. What has no name is known by its digest. */
function linesOf({ location, names }: WriteReport): string[] {
  const isNameless = names.every(({ name, digest }) => name === digest);
  const isFolder = location.endsWith('/');
  if (!isNameless && (isFolder || /^(?:oci|oci-archive|docker-archive):[^:]*$/.test(location)))
    return names.map(({ name, digest }) => `${location}${isFolder ? '' : ':'}${name}@${digest}`);
  const place = location.startsWith('docker:') ? location.replace(/@.*/, '') : location;
  return [...new Set(names.map(({ digest }) => `${place}@${digest}`))];
}

function summaryOf({ blobsWritten, blobsReused, bytesWritten }: WriteReport): string {
  const blobs = (count: number): string => `${count} ${count === 1 ? 'blob' : 'blobs'}`;
  if (blobsWritten === 0) return 'everything was there already';
  const reused = blobsReused === 0 ? '' : `, ${blobs(blobsReused)} there already`;
  return `${blobs(blobsWritten)} written (${formatSize(bytesWritten)})${reused}`;
}
