import { byText } from '../core/index.ts';
import type { ImageConfig, IndexManifest, Manifest } from './types.ts';

/** The order of an object's members, and of those of its members and items. */
interface Shape {
  readonly order: readonly string[];
  readonly members?: Readonly<Record<string, Shape>>;
}

/** The orders of the OCI image-spec's own Go structs and examples. */
const PLATFORM_ORDER = ['architecture', 'os', 'os.version', 'os.features', 'variant'];
const DESCRIPTOR: Shape = {
  order: ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'platform', 'artifactType'],
  members: { platform: { order: PLATFORM_ORDER } },
};
const MANIFEST: Shape = {
  order: ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'subject', 'annotations'],
  members: { config: DESCRIPTOR, layers: DESCRIPTOR, subject: DESCRIPTOR },
};
const INDEX: Shape = {
  order: ['schemaVersion', 'mediaType', 'artifactType', 'manifests', 'subject', 'annotations'],
  members: { manifests: DESCRIPTOR, subject: DESCRIPTOR },
};
const CONFIG: Shape = {
  order: ['created', 'author', ...PLATFORM_ORDER, 'config', 'rootfs', 'history'],
  members: {
    config: {
      order: [
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
      ],
      members: { Healthcheck: { order: ['Test', 'Interval', 'Timeout', 'StartPeriod', 'Retries'] } },
    },
    rootfs: { order: ['type', 'diff_ids'] },
    history: { order: ['created', 'created_by', 'author', 'comment', 'empty_layer'] },
  },
};

/** The one form of JSON that pith writes: members in the order of the specification, others sorted after them, no white space. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return encode(manifest, MANIFEST);
}

export function encodeIndex(index: IndexManifest): Uint8Array {
  return encode(index, INDEX);
}

export function encodeConfig(config: ImageConfig): Uint8Array {
  return encode(config, CONFIG);
}

function encode(value: unknown, shape: Shape): Uint8Array {
  return Buffer.from(JSON.stringify(arrange(value, shape)));
}

function arrange(value: unknown, shape: Shape | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => arrange(item, shape));
  if (typeof value !== 'object' || value === null) return value;
  const rank = (key: string): number => {
    const at = shape?.order.indexOf(key) ?? -1;
    return at < 0 ? Infinity : at;
  };
  const members = Object.entries(value).sort(([a], [b]) =>
    rank(a) === rank(b) ? byText(a, b) : rank(a) - rank(b),
  );
  return Object.fromEntries(members.map(([key, member]) => [key, arrange(member, shape?.members?.[key])]));
}
