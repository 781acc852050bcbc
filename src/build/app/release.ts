import type { RuntimeNeed } from '../../app/index.ts';
import type { Lockfile } from '../../resolve/index.ts';

/** Packages whose version is that of a runtime, and how it is called. */
const PACKAGES: Readonly<Record<RuntimeNeed['name'], { readonly pattern: RegExp; readonly title: string }>> =
  {
    nodejs: { pattern: /^node-linux-/, title: 'Node.js' },
    python3: { pattern: /^libpython3\.\d+-minimal$/, title: 'Python' },
    java: { pattern: /^openjdk-\d+-jre-headless$/, title: 'Java' },
  };

/**
 * What is wrong with the release of a runtime that an image has.
 * @returns undefined if it will do, or its release does not matter: `has Node.js 24.1.0, not >=24.2 (engines of package.json)`
 */
export function unfitRelease(
  { name, wanted, acceptsRelease }: RuntimeNeed,
  { packages }: Pick<Lockfile, 'packages'>,
): string | undefined {
  const { pattern, title } = PACKAGES[name];
  const found = Object.values(packages).find((one) => pattern.test(one.name));
  const release = /^(?:\d+:)?(\d+\.\d+\.\d+)/.exec(found?.version ?? '')?.[1];
  if (release === undefined || (acceptsRelease?.(release) ?? true)) return undefined;
  return `has ${title} ${release}, not ${wanted}`;
}
