import { Once, PithError } from '../../core/index.ts';
import type { Challenge } from './challenge.ts';
import type { Credential, CredentialSource } from './credentials.ts';
import type { Asked } from './refusal.ts';

/** What one request needs of the registry, and for which repository. */
export interface Access extends Asked {
  /** Whose credentials are used. */
  readonly repository: string;
  /** Scopes such as `repository:library/debian:pull`. */
  readonly scopes: readonly string[];
}

/** An access token. */
export interface Token {
  readonly text: string;
  /** When to get a new one, in milliseconds since 1970. */
  readonly usableUntil: number;
}

/** What a token service answers to somebody whom it does not trust. */
export interface TokenRefused {
  readonly status: number;
  readonly said: string;
}

/** Asks a token service; see `requestToken`. */
export type TokenRequest = (
  challenge: Challenge,
  credential: Credential | undefined,
  scopes: readonly string[],
) => Promise<Token | TokenRefused>;

/**
 * Says to one registry who asks, in the way that it wants: with a token of its token service (kept until it ends, one
 * for each set of scopes), with name and password, or not at all.
 */
export class Authorization {
  readonly #registry: string;
  readonly #source: CredentialSource;
  readonly #requestToken: TokenRequest;
  readonly #credentials = new Once<Credential | undefined>();
  readonly #tokens = new Map<string, { readonly promise: Promise<Token>; token?: Token }>();
  /** Scopes that the registry named beyond those that were asked for. */
  readonly #moreScopes = new Map<string, readonly string[]>();
  #challenge: Challenge | undefined;

  constructor(registry: string, source: CredentialSource, requestToken: TokenRequest) {
    this.#registry = registry;
    this.#source = source;
    this.#requestToken = requestToken;
  }

  /** Takes note of what the registry wants to know. */
  challenge(challenges: readonly Challenge[]): void {
    this.#challenge =
      challenges.find(({ scheme, parameters }) => scheme === 'bearer' && 'realm' in parameters) ??
      challenges.find(({ scheme }) => scheme === 'basic') ??
      this.#challenge;
  }

  /**
   * The value of the Authorization header; undefined where nothing is asked or there is nothing to say.
   * @throws REGISTRY_UNAUTHORIZED if the token service gives no token
   */
  async header(access: Access): Promise<string | undefined> {
    const challenge = this.#challenge;
    if (!challenge) return undefined;
    const credential = await this.#find(access);
    if (challenge.scheme === 'basic')
      return credential && 'password' in credential ? basicHeader(credential) : undefined;
    if (credential && 'registryToken' in credential) return `Bearer ${credential.registryToken}`;
    return `Bearer ${(await this.#token(challenge, credential, access)).text}`;
  }

  /** Whether the registry wants to know who asks, and we have nothing to say. */
  async isGuest(access: Access): Promise<boolean> {
    return this.#challenge !== undefined && (await this.#find(access)) === undefined;
  }

  /**
   * Forgets a header that the registry answered with 401, and takes note of what it wants instead.
   * @param sent the header, if there was one
   * @returns whether the next header is another one
   */
  async renew(sent: string | undefined, access: Access, challenges: readonly Challenge[]): Promise<boolean> {
    this.challenge(challenges);
    const credential = await this.#find(access);
    if (this.#challenge?.scheme === 'basic')
      return sent === undefined && credential !== undefined && 'password' in credential;
    if (!this.#challenge || (credential && 'registryToken' in credential)) return sent === undefined;
    const more = challenges.flatMap(({ parameters }) => parameters['scope']?.split(' ') ?? []);
    this.#moreScopes.set(keyOf(access), more);
    for (const [key, { token }] of this.#tokens)
      if (token && `Bearer ${token.text}` === sent) this.#tokens.delete(key);
    return true;
  }

  /**
   * The error for 401 or 403, after everything that there is was tried.
   * @param said what the server said of it
   */
  async refusal(access: Access, status: number, said: string): Promise<PithError> {
    const registry = this.#registry;
    const credential = await this.#find(access);
    const { purpose } = access;
    const reason = `(${status})${said === '' ? '' : `: ${said}`}`;
    const searched = this.#source.searched(registry);
    const looked = searched.length === 0 ? '' : `Credentials were looked for in ${searched.join(', ')}. `;
    if (!credential)
      return new PithError(
        'REGISTRY_UNAUTHORIZED',
        `${registry} does not allow ${purpose} to a guest, and there are no credentials for it ${reason}`,
        { hint: `${looked}Log in with \`pith login ${registry}\`, or check the name of the repository.` },
      );
    const who = 'username' in credential ? ` of ${JSON.stringify(credential.username)}` : '';
    if (status === 403 || this.#tokens.has(keyOf(access)))
      return new PithError('REGISTRY_DENIED', `${registry} does not allow ${purpose} ${reason}`, {
        hint: `The credentials${who} are good, but do not reach so far: check the name of the repository and the rights of the account.`,
      });
    return new PithError(
      'REGISTRY_UNAUTHORIZED',
      `${registry} does not take the credentials${who} for ${purpose} ${reason}`,
      { hint: `${looked}Log in anew with \`pith login ${registry}\`.` },
    );
  }

  #find({ repository }: Access): Promise<Credential | undefined> {
    return this.#credentials.do(repository, () => this.#source.find(this.#registry, repository));
  }

  /** The token for an access: the one that is there or under way, else a new one. */
  #token(challenge: Challenge, credential: Credential | undefined, access: Access): Promise<Token> {
    const key = keyOf(access);
    const known = this.#tokens.get(key);
    if (known && (!known.token || known.token.usableUntil > Date.now())) return known.promise;
    const entry: { promise: Promise<Token>; token?: Token } = {
      promise: this.#newToken(challenge, credential, access),
    };
    this.#tokens.set(key, entry);
    entry.promise.then(
      (token) => {
        entry.token = token;
      },
      () => {
        if (this.#tokens.get(key) === entry) this.#tokens.delete(key);
      },
    );
    return entry.promise;
  }

  async #newToken(challenge: Challenge, credential: Credential | undefined, access: Access): Promise<Token> {
    const scopes = new Set([...access.scopes, ...(this.#moreScopes.get(keyOf(access)) ?? [])]);
    const answer = await this.#requestToken(challenge, credential, [...scopes]);
    if ('text' in answer) return answer;
    this.#tokens.delete(keyOf(access));
    throw await this.refusal(access, 401, answer.said);
  }
}

function keyOf({ repository, scopes }: Access): string {
  return `${repository} ${[...scopes].sort().join(' ')}`;
}

/** RFC 7617, section 2. */
export function basicHeader({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
