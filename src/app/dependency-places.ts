import type { ApplicationKind } from './model.ts';

const FOLDERS: readonly (readonly [RegExp, ApplicationKind])[] = [
  [/(?:^|\/)node_modules$/, 'nodejs'],
  [/^\.?venv$/, 'python'],
  [/^(?:target|build)\/quarkus-app$|^build\/install$/, 'java'],
];
const FILES: readonly (readonly [RegExp, ApplicationKind])[] = [
  [/^(?:target|build\/libs)\/[^/]+\.[jw]ar$/, 'java'],
  [/^(?:dist|wheels|wheelhouse)\/[^/]+\.whl$/, 'python'],
];

/**
 * Whose dependencies, or what was built of them, a path holds by the custom of its tools. `.dockerignore` files name such places
 * because a Dockerfile installs anew, while what is installed is what pith packs.
 */
export function dependencyPlace(path: string, isFolder: boolean): ApplicationKind | undefined {
  return (isFolder ? FOLDERS : FILES).find(([pattern]) => pattern.test(path))?.[1];
}

/** Whether a folder may hold such places, without being one. */
export function mayHoldDependencies(folder: string): boolean {
  return /^(?:target|build|build\/libs|dist|wheels|wheelhouse)$/.test(folder);
}
