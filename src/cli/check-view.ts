import { readFileSync } from 'node:fs';
import { type CheckedImage, type Checker, readPolicy } from '../check/index.ts';
import { PithError, toPithError } from '../core/index.ts';
import type { ImageView } from '../inspect/index.ts';
import type { Policy } from '../policy/index.ts';
import { attachedTypes } from './attached-types.ts';
import type { OpenedImage, ViewContext } from './open-view.ts';
import { localDefinition } from './workspace.ts';

/**
 * Looks for faults in an image that was opened; what its location has about it is asked for only if it has no packages.
 * @param now seconds since 1970
 * @throws what reading the location throws
 */
export async function checkView(
  checker: Checker,
  opened: OpenedImage & { readonly view: ImageView },
  context: ViewContext,
  now: number,
): Promise<CheckedImage> {
  const { view } = opened;
  const isKnown = view.found('packages').length > 0;
  const attached = isKnown ? [] : await attachedTypes(opened, context);
  return checker.check({ view, context: { now, attached } });
}

/**
 * The policy of a file, else that of the definition of the current folder, else an empty one.
 * @throws PithError DEFINITION_INVALID
 */
export function openPolicy(path = localDefinition()): Policy {
  if (path === undefined) return {};
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new PithError('DEFINITION_INVALID', `${path}: cannot be read: ${toPithError(error).message}`, {
      path,
      cause: error,
      hint: 'Check the path and its permissions.',
    });
  }
  return readPolicy(text, path);
}
