import type { RetryEvent } from '../../http/index.ts';
import type { CredentialSource } from './credentials.ts';

/** How registries are talked to; everything has a default. */
export interface RegistrySettings {
  /** Who we are; unless told, what the files say where podman and Docker keep credentials. */
  readonly credentials?: CredentialSource;
  /** A file of credentials that goes before those, as `--authfile` of podman. */
  readonly authFile?: string;
  /** The user's number, for the folder below /run where podman keeps credentials without XDG_RUNTIME_DIR. */
  readonly uid?: number;
  /** Take any certificate, and plain HTTP where there is no TLS. Without it plain HTTP is for this machine only. */
  readonly insecure?: boolean;
  /** A folder with `*.crt`, `*.cert` and `*.key` files, in place of the folders `certs.d` of the machine. */
  readonly certificates?: string;
  /** Blobs that move at once; 10 unless told. */
  readonly parallel?: number;
  /** Upload in chunks of this many bytes; unless told, whole blobs go in one piece where the registry takes that. */
  readonly chunkSize?: number;
  /** Tries after the first one; 4 unless told. */
  readonly retries?: number;
  /** The first pause between tries in milliseconds, doubled each time; 500 unless told. */
  readonly retryDelay?: number;
  /** A registry that asks to wait longer (milliseconds) is not waited for; 60 s unless told. */
  readonly maxRetryAfter?: number;
  /** Milliseconds until a connection must stand; 15 s unless told. */
  readonly connectTimeout?: number;
  /** Milliseconds of silence after which a transfer counts as stalled; 30 s unless told. */
  readonly stallTimeout?: number;
  /**
   * Milliseconds that a registry may take to answer to what was sent to it: it hashes a blob then, and looks for all that a
   * manifest names; 5 minutes unless told.
   */
  readonly answerTimeout?: number;
  readonly onRetry?: (event: RetryEvent) => void;
  /** Called with the bytes of blobs that were sent or received; negative where they have to move again. */
  readonly onBytes?: (bytes: number) => void;
}

/** What locations that are read need of the world around them. */
export interface ReadContext {
  /** Variables of the environment: where engines and credentials are found, and what they are told. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends what is under way with INTERRUPTED; what was there stays as it was. */
  readonly signal?: AbortSignal;
  readonly registry?: RegistrySettings;
  /**
   * A path that nobody else uses, for what an engine saves; below the system's temporary folder unless told. The file loses
   * its name as soon as it is open.
   */
  readonly temporaryPath?: () => string;
}
