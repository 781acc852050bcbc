import type { Answer } from '../../http/index.ts';
import type { Registry, RegistryRequest } from './registry.ts';

/** What is done in a repository, as token services call it. */
export type Actions = 'pull' | 'pull,push' | 'pull,push,delete';

export type RepositoryRequest = Omit<RegistryRequest, 'registry' | 'repository' | 'scopes' | 'purpose'> & {
  /** What is done to the repository, for errors: `pulling` is followed by its name. */
  readonly doing: string;
  /** Other repositories that are read on the way. */
  readonly alsoPull?: readonly string[];
};

/** A repository of a registry, for what is done in it. */
export class Repository {
  readonly registry: Registry;
  readonly name: string;
  readonly #actions: Actions;
  /** Ends its requests, in place of the registry's. */
  readonly signal: AbortSignal | undefined;

  constructor(registry: Registry, name: string, actions: Actions, signal?: AbortSignal) {
    this.registry = registry;
    this.name = name;
    this.#actions = actions;
    this.signal = signal ?? registry.policy.signal;
  }

  /** `REGISTRY/NAME` */
  get fullName(): string {
    return `${this.registry.name}/${this.name}`;
  }

  /** As Registry.check. */
  check(): Promise<'known' | 'guest'> {
    return this.registry.check(this.#complete({ doing: 'access to' }));
  }

  /** As Registry.send, to a path below the repository or an address that the registry gave. */
  send<Result>(
    request: RepositoryRequest,
    read: (answer: Answer) => Promise<Result> | Result,
  ): Promise<Result> {
    return this.registry.send(this.#complete(request), read);
  }

  /** As Registry.sendOnce. */
  sendOnce(request: RepositoryRequest): Promise<Answer> {
    return this.registry.sendOnce(this.#complete(request));
  }

  #complete<Request extends Pick<RepositoryRequest, 'doing' | 'alsoPull'> & { to?: string | URL }>(
    request: Request,
  ): Request & Pick<RegistryRequest, 'registry' | 'repository' | 'scopes' | 'purpose' | 'to' | 'signal'> {
    const { to = '' } = request;
    return {
      signal: this.signal,
      ...request,
      to: typeof to === 'string' ? `${this.name}/${to}` : to,
      registry: this.registry.name,
      repository: this.name,
      purpose: `${request.doing} ${this.fullName}`,
      scopes: [
        `repository:${this.name}:${this.#actions}`,
        ...(request.alsoPull ?? []).map((name) => `repository:${name}:pull`),
      ],
    };
  }
}
