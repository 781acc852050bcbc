/** What proves to a registry who is asking. */
export type Credential =
  | { readonly username: string; readonly password: string }
  /** A refresh token that is exchanged for access tokens (OAuth 2, as Docker's `identitytoken`). */
  | { readonly identityToken: string }
  /** An access token that is sent as it is (Docker's `registrytoken`). */
  | { readonly registryToken: string };

/** Where credentials for registries come from. */
export interface CredentialSource {
  /**
   * The credential for a repository, undefined if there is none.
   * @param registry `HOST[:PORT]` as references have it; `docker.io` stands for Docker Hub
   * @param repository the path in the registry, such as `library/debian`; empty for questions to the registry itself
   */
  find(registry: string, repository: string): Promise<Credential | undefined>;
  /**
   * Where was looked so far, in words for an error message: files, helpers, variables.
   * @param registry only for this one
   */
  searched(registry?: string): readonly string[];
}

/** No credentials at all. */
export const anonymous: CredentialSource = {
  find: () => Promise.resolve(undefined),
  searched: () => [],
};
