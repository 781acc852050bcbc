import { canonicalJson } from '../core/index.ts';
import {
  type HistoryEntry,
  type Image,
  type ImageConfig,
  platformOfConfig,
  type RunConfig,
} from '../oci/index.ts';
import { baseHistory } from './on-base.ts';

/** An application's image, the base that it lies on, and the one that it is to lie on. */
export interface RebasedImages {
  readonly image: Image;
  readonly oldBase: Image;
  readonly newBase: Image;
}

type Members = Readonly<Record<string, unknown>>;

/** Members of the configuration that have a rule of their own. */
const RULED: readonly string[] = ['rootfs', 'history', 'config', 'created'];
/** Triggers of a base are for what is built on it, and were run then. */
const OWN_ONLY: readonly string[] = ['OnBuild'];

/**
 * The configuration of the image on its new base. What the application says itself stays; what it has as the old base has it, it
 * has from there, and gets as the new base has it, or loses if that has none. What the new base brings is added, unless
 * the application had taken the same away from the old one. Variables, labels, ports and volumes are looked at one by one. `Cmd`
 * belongs to `Entrypoint`: beside an entrypoint of the application it stays. The date is the newer one of both.
 */
export function configOnNewBase({ image, oldBase, newBase }: RebasedImages): Omit<ImageConfig, 'rootfs'> {
  const [own, old, next] = [image, oldBase, newBase].map(({ config }) => topLevel(config)) as [
    Members,
    Members,
    Members,
  ];
  const config = mergeRunConfigs(image.config.config, oldBase.config.config, newBase.config.config);
  const created = newest(image.config.created, newBase.config.created);
  return {
    ...mergeMembers(own, old, next),
    ...platformOfConfig(image.config),
    ...(created === undefined ? {} : { created }),
    config,
    history: [...baseHistory(newBase), ...ownHistory(image, oldBase)],
  };
}

/** What is started, with the rules of {@link configOnNewBase}. */
function mergeRunConfigs(own: RunConfig = {}, old: RunConfig = {}, next: RunConfig = {}): RunConfig {
  const merged: Record<string, unknown> = {
    ...mergeMembers(asMembers(own), asMembers(old), asMembers(next)),
  };
  const hasOwnEntrypoint = !isSame(own.Entrypoint, old.Entrypoint);
  if (hasOwnEntrypoint) setOrDelete(merged, 'Cmd', own.Cmd);
  for (const key of OWN_ONLY) setOrDelete(merged, key, asMembers(own)[key]);
  const env = [...mergeMaps(envOf(own), envOf(old), envOf(next)).values()];
  setOrDelete(merged, 'Env', env.length === 0 ? undefined : env);
  for (const key of ['Labels', 'ExposedPorts', 'Volumes'] as const) {
    const records = [own, old, next].map(
      (config) => new Map<string, unknown>(Object.entries(config[key] ?? {})),
    );
    const [mine = new Map(), before = new Map(), after = new Map()] = records;
    const values = mergeMaps<unknown>(mine, before, after);
    setOrDelete(merged, key, values.size === 0 ? undefined : Object.fromEntries(values));
  }
  return merged;
}

/** Members that no rule of their own is for. */
function mergeMembers(own: Members, old: Members, next: Members): Members {
  const map = (members: Members): Map<string, unknown> => new Map(Object.entries(members));
  return Object.fromEntries(mergeMaps(map(own), map(old), map(next)));
}

/** In the order of the new base, with what only the application has behind it. */
function mergeMaps<Value>(
  own: ReadonlyMap<string, Value>,
  old: ReadonlyMap<string, Value>,
  next: ReadonlyMap<string, Value>,
): Map<string, Value> {
  const merged = new Map<string, Value>();
  for (const key of new Set([...next.keys(), ...own.keys()])) {
    const isInherited = isSame(own.get(key), old.get(key));
    const value = isInherited ? next.get(key) : own.get(key);
    if (value !== undefined) merged.set(key, value);
  }
  return merged;
}

/** The application's own steps: those behind the old base's, or one a layer where they are not told. */
function ownHistory(image: Image, oldBase: Image): HistoryEntry[] {
  const history = image.config.history ?? [];
  const below = oldBase.config.history ?? [];
  const isTold = history.filter((entry) => !entry.empty_layer).length === image.layers.length;
  const isBelow = below.every((entry, index) => isSame(entry, history[index]));
  const isWhole = below.filter((entry) => !entry.empty_layer).length === oldBase.layers.length;
  if (!isTold)
    return image.layers.slice(oldBase.layers.length).map(() => ({ created_by: 'the application image' }));
  if (isBelow && isWhole) return history.slice(below.length);
  let layers = 0;
  return history.filter((entry) => {
    const isOwn = layers >= oldBase.layers.length;
    if (!entry.empty_layer) layers++;
    return isOwn;
  });
}

/** Members that have no rule of their own. */
function topLevel(config: ImageConfig): Members {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !RULED.includes(key)));
}

/** Variables by their names; each with its whole entry. */
function envOf({ Env = [] }: RunConfig): Map<string, string> {
  return new Map(Env.map((entry) => [entry.split('=', 1)[0] ?? '', entry]));
}

function newest(...times: (string | undefined)[]): string | undefined {
  const known = times.filter((time) => time !== undefined && !Number.isNaN(Date.parse(time)));
  return known.sort((a = '', b = '') => Date.parse(b) - Date.parse(a))[0];
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson([one]) === canonicalJson([other]);
}

function asMembers(config: RunConfig): Members {
  return config as Members;
}

function setOrDelete(members: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(members, key);
  else members[key] = value;
}
