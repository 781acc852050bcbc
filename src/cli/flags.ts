import type { ApplicationKind } from '../app/index.ts';
import type { LayerCompression } from '../archive/index.ts';
import { PithError } from '../core/index.ts';
import type { ContainerOptions, Runner } from '../location/index.ts';

/** What every command can be told; commander turns `--cache-dir` into `cacheDir`. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly cacheDir?: string;
}

/** How registries are talked to. */
export interface RegistryFlags extends CommonOptions {
  readonly authfile?: string;
  readonly certDir?: string;
  readonly insecure?: boolean;
}

/** How the archive is reached; for commands that resolve or fetch. */
export interface ArchiveFlags extends RegistryFlags {
  readonly mirror?: string[];
  readonly keyring?: string[];
  readonly offline?: boolean;
  readonly refresh?: boolean;
  readonly checkValidUntil?: boolean;
  readonly allowOlder?: boolean;
  readonly skipUnavailable?: boolean;
  readonly jobs?: number;
}

/** How images are made; for commands that make them. */
export interface FormFlags extends ArchiveFlags {
  readonly platform?: string[];
  readonly locked?: boolean;
  readonly lockfile: string;
  readonly compression: LayerCompression;
  readonly maxLayers?: number;
}

/** Options of the image's form that flags and environment give. */
export function formOf(flags: FormFlags): {
  compression: LayerCompression;
  maxLayers?: number;
  epoch?: number;
  lockfile?: string;
} {
  const epoch = sourceDateEpoch();
  return {
    compression: flags.compression,
    ...(flags.maxLayers === undefined ? {} : { maxLayers: flags.maxLayers }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(flags.locked ? { lockfile: flags.lockfile } : {}),
  };
}

/** SOURCE_DATE_EPOCH in seconds since 1970, if it is set (reproducible-builds.org, "SOURCE_DATE_EPOCH specification"). */
function sourceDateEpoch(): number | undefined {
  const text = process.env['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return undefined;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= 253_402_300_799) return seconds;
  throw new PithError('USAGE', `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, no whole number of seconds`, {
    hint: 'Set it to seconds since 1970, such as `date +%s` prints, or unset it.',
  });
}

export interface BuildFlags extends FormFlags {
  readonly format: 'oci' | 'docker';
  readonly all?: boolean;
  readonly output?: string[];
}

/** What the engine is told as it is. */
export interface ContainerFlags extends Pick<
  ContainerOptions,
  | 'detach'
  | 'entrypoint'
  | 'env'
  | 'envFile'
  | 'name'
  | 'network'
  | 'publish'
  | 'user'
  | 'volume'
  | 'workdir'
  | 'writable'
> {
  readonly engineArg?: string[];
}

/** How a packed application runs; what the image itself says is among its own options. */
export interface PackRunFlags extends Pick<
  ContainerFlags,
  'publish' | 'volume' | 'envFile' | 'network' | 'name' | 'writable' | 'engineArg'
> {
  readonly engine?: Runner;
  readonly stopTimeout?: number;
}

export interface PackFlags extends FormFlags, PackRunFlags {
  readonly format: 'oci' | 'docker';
  readonly run?: boolean;
  readonly watch?: boolean;
  readonly tag?: string;
  readonly push?: boolean;
  readonly output?: string[];
  readonly kind?: ApplicationKind;
  readonly main?: string;
  readonly binary?: string[];
  readonly base?: string;
  readonly package?: string[];
  readonly entrypoint?: string;
  readonly cmd?: string;
  readonly user?: string;
  readonly workdir?: string;
  readonly env?: string[];
  readonly port?: string[];
  readonly label?: string[];
  readonly healthcheck?: string;
  readonly healthInterval?: string;
  readonly healthTimeout?: string;
  readonly healthStartPeriod?: string;
  readonly healthRetries?: number;
  readonly debug?: boolean;
  readonly explain?: boolean;
  readonly dockerfile?: boolean;
}

export interface LockFlags extends ArchiveFlags {
  readonly platform: string[];
  readonly lockfile: string;
  readonly check?: boolean;
}

export interface UpdateFlags extends ArchiveFlags {
  readonly lockfile: string;
  readonly check?: boolean;
  readonly dryRun?: boolean;
  readonly changelog?: boolean;
  readonly format: 'text' | 'markdown';
}

export interface ShowFlags extends FormFlags {
  readonly files?: boolean;
}

export interface RunFlags extends FormFlags, ContainerFlags {
  readonly engine?: Runner;
}

export interface TestFlags extends RegistryFlags {
  readonly platform?: string[];
  readonly config?: string[];
  readonly init?: boolean;
  readonly output: 'text' | 'json' | 'junit';
  readonly testReport?: string;
  readonly junitSuiteName?: string;
  readonly color: boolean;
  readonly engine?: Runner | 'bwrap';
}

export interface CopyFlags extends RegistryFlags {
  readonly platform?: string[];
  readonly referrers?: boolean;
  readonly all?: boolean;
}

export interface RebaseFlags extends RegistryFlags {
  readonly old?: string;
  readonly new?: string;
  readonly output?: string[];
  readonly platform?: string[];
  readonly force?: boolean;
}

export interface PlatformFlags extends RegistryFlags {
  readonly platform?: string;
}

export interface InspectFlags extends PlatformFlags {
  readonly dive?: boolean;
  readonly files?: boolean;
  readonly html?: string;
  readonly summary?: boolean;
  readonly base?: string[];
}

export interface DiffFlags extends PlatformFlags {
  readonly markdown?: boolean;
  readonly html?: string;
  readonly exitCode?: boolean;
}

export interface CompareFlags extends PlatformFlags {
  readonly markdown?: boolean;
}

export interface CheckFlags extends RegistryFlags {
  readonly platform?: string[];
  readonly policy?: string;
  readonly format: 'text' | 'json' | 'sarif' | 'junit' | 'github';
  readonly output?: string;
  readonly failOn: 'error' | 'warning' | 'note' | 'never';
  readonly all?: boolean;
  readonly rules?: boolean;
  readonly explain?: string;
}

export interface BlobFlags extends RegistryFlags {
  readonly output?: string;
}

export interface LoginFlags extends RegistryFlags {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly docker?: boolean;
  readonly list?: boolean;
}

export interface LogoutFlags extends RegistryFlags {
  readonly docker?: boolean;
  readonly all?: boolean;
}

export interface PruneFlags extends CommonOptions {
  readonly olderThan: string;
  readonly all?: boolean;
}
