import { invalid } from '../common/documents.ts';
import type { Condition } from './runtime.ts';

/** What Node.js does with a main file in TypeScript. */
export interface TypeScriptMain {
  readonly condition: Condition;
  readonly note: string;
}

/**
 * Whether a main file is TypeScript, and what that asks for.
 * @throws PithError APP_INVALID for what Node.js cannot run: JSX
 */
export function describeTypeScript(path: string): TypeScriptMain | undefined {
  if (/\.[jt]sx$/.test(path))
    throw invalid(
      `${path} holds JSX, which Node.js does not run`,
      'Build it first, and pack the result.',
      path,
    );
  if (!/\.[cm]?ts$/.test(path)) return undefined;
  return {
    condition: {
      wanted: 'at least 22 (it strips types, from 22.18 on)',
      accepts: (version) => Number(version) >= 22,
    },
    note: `${path} runs as it is: Node.js strips its types (imports have to name their files with \`.ts\`, and there are no enums); a build starts faster`,
  };
}
