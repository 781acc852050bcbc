/** What is used of npm's own libraries, which come without types. */

declare module '@npmcli/config' {
  export interface ConfigOptions {
    readonly definitions: object;
    readonly shorthands: object;
    /** Called with the own values of each source, from the weakest to the strongest. */
    readonly flatten: (source: Readonly<Record<string, unknown>>, all: Record<string, unknown>) => void;
    readonly npmPath: string;
    readonly env: Record<string, string | undefined>;
    readonly argv: readonly string[];
    readonly execPath: string;
    readonly cwd: string;
    readonly warn: boolean;
  }

  export default class Config {
    constructor(options: ConfigOptions);
    load(): Promise<void>;
    /** Removes values of a wrong type; throws for credentials that belong to no registry. */
    validate(): boolean;
    readonly defaults: Readonly<Record<string, unknown>>;
    isDefault(key: string): boolean;
    get(key: string): unknown;
    readonly flat: Record<string, unknown>;
  }
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const parts: { readonly definitions: object; readonly shorthands: object };
  export default parts;
}

declare module 'npm-registry-fetch' {
  interface Auth {
    readonly token: string | null;
    /** User and password in base64. */
    readonly auth: string | null;
    readonly cert: string | null;
    readonly key: string | null;
  }
  const fetch: {
    getAuth(address: string, options: Readonly<Record<string, unknown>>): Auth;
    pickRegistry(name: string, options: Readonly<Record<string, unknown>>): string;
  };
  export default fetch;
}

declare module 'ssri' {
  interface Integrity {
    /** False if the bytes were others. */
    match(integrity: string): unknown;
  }
  const ssri: {
    create(options: { readonly algorithms: readonly string[] }): {
      update(bytes: Uint8Array): unknown;
      digest(): Integrity;
    };
  };
  export default ssri;
}

declare module 'make-fetch-happen' {
  export interface FetchOptions {
    readonly headers: Readonly<Record<string, string>>;
    readonly redirect: 'manual';
    readonly retry: { readonly retries: number };
    readonly signal: AbortSignal;
    /** Milliseconds without a byte. */
    readonly timeout: number;
    /** Milliseconds until a connection must stand. */
    readonly timeouts: { readonly connection: number };
    readonly proxy?: string;
    readonly noProxy: readonly string[];
    readonly strictSSL: boolean;
    readonly ca?: string | readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly localAddress?: string;
    readonly maxSockets?: number;
  }
  export interface FetchResponse {
    readonly status: number;
    readonly headers: { get(name: string): string | null };
    readonly body: AsyncIterable<Uint8Array> & {
      on(event: 'error', listener: (error: unknown) => void): unknown;
    };
  }
  export default function fetch(address: string, options: FetchOptions): Promise<FetchResponse>;
}
