import { expect } from 'vitest';
import { PithError } from '../core/index.ts';
import type { Package } from '../distro/index.ts';
import {
  type ClosureOptions,
  parsePackageRequest,
  type Resolution,
  resolveClosure,
} from '../resolve/index.ts';
import { packagesOf, sourceOf } from './packages.ts';

export type ResolveOptions = Partial<Omit<ClosureOptions, 'pinned'>> & {
  pinned?: string[];
  suites?: string[];
};

/** Resolves for linux/amd64, without rules of omission unless told. */
export function resolve(
  packages: string | readonly Package[],
  requests: string,
  options: ResolveOptions = {},
): Resolution {
  const { pinned = [], ...rest } = options;
  const source = sourceOf(typeof packages === 'string' ? packagesOf(packages) : packages);
  return resolveClosure(requests.split(', ').map(parsePackageRequest), source, {
    architecture: 'amd64',
    platform: 'linux/amd64',
    pinned: new Set(pinned),
    omit: [],
    ...rest,
  });
}

/** `name version`, and the suite if it is not trixie. */
export function chosen({ packages }: Resolution): string {
  return packages
    .map(
      ({ package: { name, version, suite } }) => `${name} ${version}${suite === 'trixie' ? '' : `/${suite}`}`,
    )
    .join(', ');
}

/** The error that resolving ends with. */
export function failure(packages: string, requests: string, options: ResolveOptions = {}): PithError {
  try {
    expect.unreachable(chosen(resolve(packages, requests, options)));
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    return error;
  }
}
