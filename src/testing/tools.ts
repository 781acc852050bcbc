import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** Whether a program is in one of PATH's folders. */
export function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
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
