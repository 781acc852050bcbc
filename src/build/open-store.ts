import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { cacheFolder as defaultFolder } from '../core/index.ts';
import { Store } from '../store/index.ts';

export interface StoreOptions {
  /** The environment: proxies, mirrors, where the cache is. Nothing else is read from the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The cache folder; default: $PITH_CACHE_DIR, else $XDG_CACHE_HOME/pith, else ~/.cache/pith. */
  readonly cacheFolder?: string;
}

/** The store in the cache folder. */
export function openStore({ env = {}, cacheFolder }: StoreOptions): Store {
  return Store.open(resolve(cacheFolder ?? defaultFolder(env, homedir)));
}
