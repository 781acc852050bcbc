import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { PithError, systemCode, toPithError } from '../core/index.ts';
import { isLocation, parseLocation } from '../location/index.ts';
import type { PackJob } from './pack-run.ts';
import { WatchedFiles } from './watch-files.ts';
import { FolderWatch } from './watch-folders.ts';
import { PollWatch } from './watch-poll.ts';

/** Something that goes on until it is closed. */
interface Closable {
  close(): void;
}

/**
 * Watches what is packed: the folder or file, or the programs of each platform.
 * @param onChange is called with the path of what changed, relative to the folder
 * @param say tells what the user should know
 * @throws PithError APP_INVALID if there is nothing to watch
 */
export function watchPlaces(
  { path, flags, outputs }: Pick<PackJob, 'path' | 'flags' | 'outputs'>,
  onChange: (path: string) => void,
  say: (text: string) => void,
): Closable {
  const { binary } = flags;
  const paths = binary?.map((text) => text.slice(text.indexOf('=') + 1)) ?? [path];
  const leftOut = outputs.flatMap(placeOf);
  const watches = [...new Set(paths.flatMap(placesOf))].map((place) =>
    watchPlace(new WatchedFiles(place, leftOut), onChange, say),
  );
  return {
    close() {
      for (const watch of watches) watch.close();
    },
  };
}

/** A path, and where it leads if it is a link. */
function placesOf(path: string): string[] {
  const place = resolve(path);
  if (existsSync(place)) return [place, realpathSync(place)];
  throw new PithError('APP_INVALID', `there is nothing at ${path}`, {
    path: place,
    hint: 'Name the folder or the file of an application.',
  });
}

function placeOf(output: string): string[] {
  const location = isLocation(output) ? parseLocation(output) : undefined;
  return location && 'path' in location ? [resolve(location.path)] : [];
}

function watchPlace(
  files: WatchedFiles,
  onChange: (path: string) => void,
  say: (text: string) => void,
): Closable {
  const open: Closable[] = [];
  const poll = (error: unknown): void => {
    const reason = systemCode(error) ?? toPithError(error).message;
    say(
      `the system does not watch all folders of ${files.location} (${reason}; on Linux, fs.inotify.max_user_watches is the limit): looking for changes about once a second`,
    );
    open.push(new PollWatch(files, onChange));
  };
  try {
    open.push(new FolderWatch(files, onChange, poll));
  } catch (error) {
    poll(error);
  }
  return {
    close() {
      for (const one of open) one.close();
    },
  };
}
