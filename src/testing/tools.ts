import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** PATH with the folders where Debian keeps what administrators call. */
export const SEARCH_PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter);

/** Whether a program is in one of the folders that are searched. */
export function isInstalled(program: string): boolean {
  return SEARCH_PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Tests that need programs of the machine. They are skipped with a title that says why where one is absent, or where
 * `unless` gives a reason.
 */
export function describeWith(
  title: string,
  { tools, unless }: { readonly tools: readonly string[]; readonly unless?: string | undefined },
  body: () => void,
): void {
  const absent = tools.filter((tool) => !isInstalled(tool));
  const reason = absent.length > 0 ? `${absent.join(', ')} not installed` : unless;
  describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, body);
}

/** Why containers cannot be run or files be given to other users here, if so. */
export function unlessRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'not root';
}
