import { FileTree, type Group, isLibraryPath, type User } from '../rootfs/index.ts';
import type { HistoryEntry, Image, Layer, RunConfig } from '../oci/index.ts';
import { compressionOfLayer, isForeignLayer, layerTypeOf } from '../oci/index.ts';
import type { BaseContents } from './base-image.ts';

/** What an image starts with: nothing, or what the image that it lies on holds. */
export interface Start {
  readonly tree: FileTree;
  readonly users: User[];
  readonly groups: Group[];
  readonly captured: Map<string, { content: Uint8Array; newest: number }>;
  /** How much of all that was there before the first level. */
  readonly given: Given;
}

/** What was there before the first level; what is derived changes only where a level adds something. */
export interface Given {
  readonly users: number;
  readonly groups: number;
  readonly captured: ReadonlySet<string>;
  readonly libraries: number;
  /** Bytes of all files. */
  readonly size: number;
}

const BUNDLE = 'etc/ssl/certs/ca-certificates.crt';

/** An empty root. */
export function startEmpty(): Start {
  const given = { users: 0, groups: 0, captured: new Set<string>(), libraries: 0, size: 0 };
  return { tree: new FileTree(), users: [], groups: [], captured: new Map(), given };
}

/** The root of another image. @param origin what the image is called */
export function startOnBase({ files, captured }: BaseContents, origin: string): Start {
  const tree = new FileTree();
  tree.addFiles(files, () => origin);
  // The bundle tells whom the image trusts; the files that it was made of are not all that it may hold.
  const isInBundle = (path: string): boolean => path.startsWith('usr/share/ca-certificates/');
  const kept = [...captured].filter(([path]) => !captured.has(BUNDLE) || !isInBundle(path));
  const newest = (path: string): number => tree.get(path)?.file.mtime ?? 0;
  const users = linesOf(captured.get('etc/passwd')).flatMap(userOf);
  const groups = linesOf(captured.get('etc/group')).flatMap(groupOf);
  return {
    tree,
    users,
    groups,
    captured: new Map(kept.map(([path, content]) => [path, { content, newest: newest(path) }])),
    given: {
      users: users.length,
      groups: groups.length,
      captured: new Set(kept.map(([path]) => path)),
      libraries: files.filter(({ path }) => isLibraryPath(path)).length,
      size: files.reduce((sum, file) => sum + file.size, 0),
    },
  };
}

function linesOf(content: Uint8Array | undefined): string[] {
  return Buffer.from(content ?? new Uint8Array(0))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** A line of passwd(5). */
function userOf(line: string): User[] {
  const [name = '', , uid = '', gid = '', comment = '', home = '', shell = ''] = line.split(':');
  if (name === '' || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return [];
  return [{ name, uid: Number(uid), gid: Number(gid), comment, home, shell, createHome: false }];
}

/** A line of group(5). */
function groupOf(line: string): Group[] {
  const [name = '', , gid = '', members = ''] = line.split(':');
  if (name === '' || !/^\d+$/.test(gid)) return [];
  return [{ name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') }];
}

/** The layers of an image as those of an OCI image: Docker's media types say the same of the same bytes. */
export function baseLayers({ layers }: Image): Layer[] {
  return layers.map((layer) => {
    const { descriptor } = layer;
    if (isForeignLayer(descriptor)) return layer;
    const compression = compressionOfLayer(descriptor.mediaType);
    const mediaType = compression === 'xz' ? descriptor.mediaType : layerTypeOf(compression);
    return { ...layer, descriptor: { ...descriptor, mediaType } };
  });
}

/** The steps that made an image; one a layer where it does not tell them all. */
export function baseHistory({ config, layers }: Image): HistoryEntry[] {
  const history = config.history ?? [];
  const told = history.filter((entry) => !entry.empty_layer).length;
  return told === layers.length ? [...history] : layers.map(() => ({ created_by: 'the base image' }));
}

/** Keys of the configuration that definitions speak of. */
const DEFINED: readonly string[] = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'Healthcheck',
] satisfies (keyof RunConfig)[];

/** What a definition makes of the configuration, with what the base says and definitions do not speak of, such as its shell. */
export function configOnBase(base: Image, own: RunConfig): RunConfig {
  const more = Object.entries(base.config.config ?? {}).filter(([key]) => !DEFINED.includes(key));
  return { ...Object.fromEntries(more), ...own };
}
