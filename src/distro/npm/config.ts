import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PithError } from '../../core/index.ts';

/** What tells which configuration npm would have here. */
export interface NpmConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the search for the project's .npmrc starts. */
  readonly workingFolder: string;
  /** Path of the node program: npm's global configuration and npm itself lie beside its folder. */
  readonly execPath: string;
}

/** The user's npm configuration: .npmrc of the project, the user and the machine, and NPM_CONFIG_… of the environment. */
export interface NpmConfig {
  /** All values by their names in an .npmrc; credentials by `//HOST/PATH/:_authToken` and the like. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether somebody has set the value. */
  isSet(key: string): boolean;
  /** The registry that is npm's own default, with a slash at the end. */
  readonly defaultRegistry: string;
  /** Certificates of the authorities to trust in place of the machine's. */
  readonly ca?: string | readonly string[];
  /** Only what was published until then counts (`before`, `min-release-age`). */
  readonly before?: Date;
}

/**
 * Reads the configuration as npm does, by npm's own library.
 * @param now milliseconds since 1970
 * @throws PithError NETWORK_FAILED for a configuration that cannot be used
 */
export async function loadNpmConfig(source: NpmConfigSource, now: number): Promise<NpmConfig> {
  const { Config, npmDefinitions } = await import('./config-libraries.ts');
  const { definitions, shorthands } = npmDefinitions;
  const config = new Config({
    definitions,
    shorthands,
    flatten: (own, all) => {
      Object.assign(all, own, cutoffOf(own, now));
    },
    npmPath: join(dirname(dirname(source.execPath)), 'lib', 'node_modules', 'npm'),
    // A copy: the library writes into it.
    env: { ...source.env },
    argv: [],
    execPath: source.execPath,
    cwd: source.workingFolder,
    warn: false,
  });
  try {
    await config.load();
    checkAddress(config.get('registry'));
    config.validate();
  } catch (cause) {
    if (cause instanceof PithError) throw cause;
    const [why = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw unusable(why);
  }
  const { cutoff, ...values } = config.flat;
  const ca = await authoritiesOf(values);
  return {
    values,
    isSet: (key) => !config.isDefault(key),
    defaultRegistry: withSlash(String(config.defaults['registry'])),
    ...(ca === undefined ? {} : { ca }),
    ...(cutoff instanceof Date && !Number.isNaN(cutoff.getTime()) ? { before: cutoff } : {}),
  };
}

/** Of one source the date wins over the age; a stronger source wins with either. */
function cutoffOf(own: Readonly<Record<string, unknown>>, now: number): { cutoff?: unknown } {
  if (Object.hasOwn(own, 'before') && own['before'] !== null) return { cutoff: own['before'] };
  const days = own['min-release-age'];
  if (!Object.hasOwn(own, 'min-release-age') || typeof days !== 'number') return {};
  return { cutoff: days > 0 ? new Date(now - days * 86_400_000) : null };
}

async function authoritiesOf({
  ca,
  cafile,
}: Readonly<Record<string, unknown>>): Promise<string | readonly string[] | undefined> {
  if (typeof cafile === 'string' && cafile !== '') {
    try {
      return await readFile(cafile, 'utf8');
    } catch {
      throw unusable(`its \`cafile\` ${cafile} cannot be read`);
    }
  }
  const known = Array.isArray(ca) ? ca : [ca];
  const texts = known.filter((one): one is string => typeof one === 'string' && one !== '');
  return texts.length === 0 ? undefined : texts;
}

function unusable(why: string): PithError {
  return new PithError('NETWORK_FAILED', `the npm configuration cannot be used: ${why}`, {
    hint: 'Look at it with `npm config list`, and mend it there or with NPM_CONFIG_… in the environment.',
  });
}

/**
 * The base address of the registry that has packages of this name, with a slash at the end.
 * @throws PithError NETWORK_FAILED for one that is no address
 */
export async function registryOf(name: string, { values }: NpmConfig): Promise<string> {
  // Only scopes have registries of their own (npm documentation, "scope").
  if (!name.startsWith('@') && !values['scope']) return withSlash(checkAddress(values['registry']));
  const { registryFetch } = await import('./libraries.ts');
  return withSlash(checkAddress(registryFetch.pickRegistry(name, values)));
}

function checkAddress(registry: unknown): string {
  const address = String(registry);
  if (URL.canParse(address) && /^https?:/i.test(address)) return address;
  throw unusable(`its registry ${JSON.stringify(address)} is no http or https address`);
}

function withSlash(address: string): string {
  return `${address.replace(/\/+$/, '')}/`;
}

/** Which proxy a request takes: that of the configuration, else the environment's; undefined for none. */
export function proxyFor(
  url: URL,
  { values }: NpmConfig,
  env: NpmConfigSource['env'],
): { proxy?: string; noProxy: string[] } {
  const read = (key: string): string | undefined => env[key] ?? env[key.toUpperCase()];
  const { proxy: plain, 'https-proxy': secure, noproxy } = values;
  const fromEnv =
    url.protocol === 'https:'
      ? read('https_proxy')
      : (read('https_proxy') ?? read('http_proxy') ?? read('proxy'));
  const proxy = plain === false ? undefined : (text(secure) ?? text(plain) ?? text(fromEnv));
  const listed = text(Array.isArray(noproxy) ? noproxy.join(',') : noproxy) ?? read('no_proxy') ?? '';
  // Without a proxy or an exception of ours the library would look for them in the environment of the process.
  if (proxy === undefined) return { noProxy: [url.hostname] };
  return { proxy, noProxy: ['.', ...listed.split(',').map((part) => part.trim())] };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a name is one of those that `before` and `min-release-age` do not hold for. */
export function isExempt(name: string, { values }: NpmConfig): boolean {
  const listed = values['min-release-age-exclude'];
  const patterns = Array.isArray(listed) ? listed.flatMap((one) => String(one).split(',')) : [];
  return patterns.some((pattern) => {
    const parts = pattern.trim().split('*');
    const escaped = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    return new RegExp(`^${escaped.join('[^/]*')}$`).test(name);
  });
}
