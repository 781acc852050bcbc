import { Once, printable } from '../../../core/index.ts';
import type { Credential, CredentialSource } from '../credentials.ts';
import { helperOf, type AuthConfig } from './config.ts';
import { CredentialHelper, HelperMissing, type RunHelper } from './helper.ts';
import { scopesOf } from './keys.ts';
import { authPlaces, type AuthPlace, type AuthPlaces } from './places.ts';
import { readPlace, type AuthText, type Unread } from './read-place.ts';

/** What is needed to find credentials. */
export interface AuthContext extends AuthPlaces {
  readonly runHelper: RunHelper;
}

export interface FoundCredential {
  readonly credential: Credential;
  /** The file or helper that has it. */
  readonly place: string;
}

/**
 * The credentials that podman, skopeo, Docker and crane know of, by the files of {@link authPlaces}. In each file the
 * helper of a registry (`credHelpers`) stands for the entries of that registry; else the entry for the repository or
 * the folder nearest to it counts, then the helper for all registries (`credsStore`), then the entry for the registry.
 * Files are read and helpers asked once, when they are needed.
 */
export class AuthFiles implements CredentialSource {
  readonly #places: readonly AuthPlace[];
  readonly #runHelper: RunHelper;
  readonly #read = new Once<AuthText | Unread>();
  readonly #asked = new Once<Credential | undefined>();
  /** What was found at each place, by registry. */
  readonly #notes = new Map<string, Map<string, string>>();

  constructor(context: AuthContext) {
    this.#places = authPlaces(context);
    this.#runHelper = context.runHelper;
  }

  /** @throws CREDENTIALS_FAILED for a broken file and a failing helper; INTERRUPTED */
  async find(registry: string, repository: string): Promise<Credential | undefined> {
    return (await this.locate(registry, repository))?.credential;
  }

  /** Where was looked, with what was found there. @param registry only for this one; for all of them unless told */
  searched(registry?: string): readonly string[] {
    const notes =
      registry === undefined ? [...this.#notes.values()] : [this.#notes.get(registry) ?? new Map()];
    const lines = notes.flatMap((one) => [...one].map(([place, what]) => `${place} (${what})`));
    return [...new Set(lines)];
  }

  /** As find, with the place. */
  async locate(registry: string, repository: string): Promise<FoundCredential | undefined> {
    const notes = this.#notes.get(registry) ?? new Map<string, string>();
    this.#notes.set(registry, notes);
    for (const place of this.#places) {
      const read = await this.#read.do(place.shown, () => readPlace(place));
      if ('reason' in read) {
        notes.set(place.shown, read.reason);
        continue;
      }
      const look = { place, config: read.config, scopes: scopesOf(registry, repository), notes };
      const found = await this.#lookIn(look);
      if (!found) continue;
      notes.set(found.place, 'found');
      return found;
    }
    return undefined;
  }

  async #lookIn(look: Look): Promise<FoundCredential | undefined> {
    const { place, config, scopes, notes } = look;
    const host = scopes.at(-1) ?? '';
    const helper = helperOf(host, config);
    if (helper && config.helpers.has(host)) return await this.#ask(helper, look);
    let what = `no entry for ${host}`;
    for (const scope of scopes) {
      if (scope === host && helper) {
        const found = await this.#ask(helper, look);
        if (found) return found;
      }
      for (const { key, credential } of config.entries.get(scope) ?? []) {
        if (credential) return { credential, place: place.shown };
        what = `the entry for ${printable(key)} holds no credential`;
      }
    }
    notes.set(place.shown, what);
    return undefined;
  }

  /**
   * Asks a helper. Where it is not installed, that is a fault only if the file shows that somebody has logged in with it:
   * files with `credsStore` travel to machines that have no such helper, and should not keep guests out there.
   */
  async #ask(
    { name, server }: { readonly name: string; readonly server: string },
    { place, config, scopes, notes }: Look,
  ): Promise<FoundCredential | undefined> {
    const host = scopes.at(-1) ?? '';
    const helper = new CredentialHelper(name, place.shown, this.#runHelper);
    const { shown } = helper;
    try {
      const credential = await this.#asked.do(`${name} ${server}`, () => helper.get(server));
      if (credential) return { credential, place: shown };
      notes.set(shown, `nothing for ${host}`);
    } catch (error) {
      if (!(error instanceof HelperMissing) || config.helpers.has(host) || config.entries.has(host))
        throw error;
      notes.set(shown, 'not installed');
    }
    return undefined;
  }
}

/** One look into one file. */
interface Look {
  readonly place: AuthPlace;
  readonly config: AuthConfig;
  readonly scopes: readonly string[];
  readonly notes: Map<string, string>;
}
