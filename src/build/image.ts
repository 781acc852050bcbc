import { COMPRESSOR_VERSION, type LayerCompression } from '../archive/index.ts';
import { canonicalJson, digestOf, hexOf, Once } from '../core/index.ts';
import { assembleImage, type Image, type RunConfig } from '../oci/index.ts';
import { identityOf } from '../resolve/index.ts';
import {
  type FileTree,
  findMissingLibraries,
  Installation,
  type InstalledPackage,
  loadShellParser,
  type MissingLibrary,
  type ScriptEffect,
  SEGMENT_VERSION,
  type SegmentRules,
  writeFiles,
} from '../rootfs/index.ts';
import type { Store } from '../store/index.ts';
import { readBaseImage } from './base-image.ts';
import type { Bases } from './bases.ts';
import { addFiles, libraryOptions } from './derive.ts';
import { installedPackage } from './installed-package.ts';
import {
  groupSegments,
  isLayerStored,
  type LayerRecord,
  makeLayer,
  type NamedSegment,
  openLayer,
} from './layers.ts';
import { debianArchitecture, type Plan, type PlannedLevel, type PlannedPackage } from './plan.ts';
import { baseHistory, baseLayers, configOnBase, startEmpty, startOnBase } from './on-base.ts';
import type { PlannedFile } from './planned-file.ts';
import type { StoredListing } from './listing.ts';
import type { PackageForSegment, Segment, Segments } from './segments.ts';

const RECORD = 'image';
/** Part of every image's key: changes when the same plan would give another image. */
const IMAGE_VERSION = 6;

/** Engines refuse images of more than about 125 layers, and what is built on an image adds its own. */
const MAX_LAYERS = 100;

export const DEFAULT_COMPRESSION: LayerCompression = 'gzip';

export interface ImageOptions {
  /** Default: gzip. */
  readonly compression?: LayerCompression;
  /** Default: {@link MAX_LAYERS}. */
  readonly maxLayers?: number;
  /** SOURCE_DATE_EPOCH, in seconds since 1970. */
  readonly epoch?: number;
}

/** A finished image and figures about it. */
export interface BuiltImage {
  readonly plan: Plan;
  readonly image: Image;
  readonly packages: number;
  /** Compressed bytes of all layers. */
  readonly size: number;
  /** Uncompressed bytes of all layers. */
  readonly unpacked: number;
}

interface ImageRecord {
  readonly layers: readonly LayerRecord[];
  /** Seconds since 1970. */
  readonly created: number;
  /** Bytes of the files of the image below, 0 without one. */
  readonly unpackedBelow: number;
}

/** Gives the verified file of a package. */
export type FetchPackage = (wanted: PlannedPackage['locked']) => ReturnType<PackageForSegment['fetch']>;

/** Where a file of an image comes from, for `pith show`. */
export interface Composition {
  readonly tree: FileTree;
  readonly segments: readonly NamedSegment[];
  /** What programs and libraries need and would not find. */
  readonly missing: readonly MissingLibrary[];
  /** Bytes of the files of the image below, 0 without one. */
  readonly unpackedBelow: number;
  /** What maintainer scripts would do beyond what is derived. */
  readonly scripts: readonly ScriptEffect[];
}

/** Turns plans into images: packages and derived files into segments, segments into layers. */
export class ImageBuilder {
  readonly #store: Store;
  readonly #bases: Bases;
  readonly #segments: Segments;
  readonly #options: ImageOptions;
  readonly #compression: LayerCompression;
  readonly #fetch: FetchPackage;
  readonly #onNote: (note: string) => void;
  readonly #listings = new Once<StoredListing>();

  constructor(
    store: Store,
    bases: Bases,
    segments: Segments,
    options: ImageOptions,
    fetch: FetchPackage,
    onNote: (note: string) => void,
  ) {
    this.#onNote = onNote;
    this.#store = store;
    this.#bases = bases;
    this.#segments = segments;
    this.#options = options;
    this.#compression = options.compression ?? DEFAULT_COMPRESSION;
    this.#fetch = fetch;
  }

  async build(plan: Plan): Promise<BuiltImage> {
    const base = await this.#base(plan);
    const key = this.#keyOf(plan);
    const known = this.#store.readRecord(RECORD, key) as ImageRecord | undefined;
    const isUsable = known?.layers.every((layer) => isLayerStored(layer, this.#store));
    const record = known && isUsable ? known : await this.#make(plan);
    if (record !== known) await this.#store.writeRecord(RECORD, key, record);
    return this.#assemble(plan, record, base);
  }

  /** Whether the image can be made without a package being fetched or unpacked. */
  isStored(plan: Plan): boolean {
    const known = this.#store.readRecord(RECORD, this.#keyOf(plan)) as ImageRecord | undefined;
    return known?.layers.every((layer) => isLayerStored(layer, this.#store)) ?? false;
  }

  /** The packages of a plan whose segments are not in the store, with the keys of these. */
  missingPackages(plan: Plan): { planned: PlannedPackage; key: string }[] {
    return plan.levels
      .flatMap((level) => level.packages)
      .map((planned) => ({
        planned,
        key: this.#segments.keyOf({ identity: identityOf(planned.locked), rules: rulesOf(planned, plan) }),
      }))
      .filter(({ key }) => !this.#segments.find(key));
  }

  /** The segment of a package of a plan, made if need be. */
  packageSegment(plan: Plan, planned: PlannedPackage): Promise<Segment> {
    const { locked } = planned;
    return this.#segments.ofPackage({
      what: `${locked.name} ${locked.version}`,
      identity: identityOf(locked),
      rules: rulesOf(planned, plan),
      fetch: () => this.#fetch(locked),
    });
  }

  /** The image that the first level lies on, if it is that of another. */
  async #base({ image, platform }: Plan): Promise<Image | undefined> {
    return image.base && this.#bases.image(image.base, platform);
  }

  /** Applies the levels of a plan one after the other: their packages, then their files. */
  async compose(plan: Plan): Promise<Composition> {
    const segments: NamedSegment[] = [];
    const base = await this.#base(plan);
    const below =
      base && startOnBase(await readBaseImage(base, this.#store), plan.image.base?.location ?? '');
    const { tree, users, groups, captured, given } = below ?? startEmpty();
    const certificates = new Map<string, { content: Uint8Array; newest: number }>();
    const architecture = debianArchitecture(plan.platform);
    const installation = new Installation(architecture, await loadShellParser());
    const state = {
      tree,
      users,
      groups,
      captured,
      certificates,
      architecture,
      installation,
      mergedUsr: plan.image.mergedUsr,
      given,
    };
    for (const level of plan.levels) {
      const made = await Promise.all(level.packages.map((planned) => this.packageSegment(plan, planned)));
      const installed: InstalledPackage[] = [];
      for (const [index, planned] of level.packages.entries()) {
        const { name, version } = planned.locked;
        const segment = made[index] as Segment;
        const listing = await this.#listing(segment);
        tree.addPackage(listing.files, `${name} ${version}`);
        for (const [path, content] of Object.entries(listing.captured)) {
          captured.set(path, { content: Buffer.from(content, 'base64'), newest: segment.newest });
        }
        installed.push(installedPackage(planned, listing, segment.newest));
        segments.push({ segment, level: level.name, createdBy: `${name} ${version}` });
      }
      users.push(...level.users);
      groups.push(...level.groups);
      const { made: own, disk } = addFiles(level, installed, state, this.#options.epoch ?? Infinity);
      if (own) {
        const segment = await this.#segments.ofBytes(own.bytes, own.listing);
        segments.push({ segment, level: level.name, createdBy: `files of ${level.name}` });
      }
      if (disk.length > 0) {
        const segment = await this.#segments.ofFiles(disk);
        segments.push({ segment, level: level.name, createdBy: `files from the disk of ${level.name}` });
      }
      if (level.bytecode) segments.push(...(await this.#bytecode(level, tree, segments)));
    }
    return {
      tree,
      segments,
      missing: findMissingLibraries(tree.entries(), libraryOptions(state)),
      scripts: installation.effects,
      unpackedBelow: given.size,
    };
  }

  async #bytecode(
    { name }: PlannedLevel,
    tree: FileTree,
    segments: readonly NamedSegment[],
  ): Promise<NamedSegment[]> {
    const { compileBytecode } = await import('./bytecode.ts');
    const compression = this.#compression;
    const files = await compileBytecode(
      tree,
      segments.map(({ segment }) => segment),
      { store: this.#store, compression },
    );
    if (files.length === 0) return [];
    const latest = this.#options.epoch ?? Infinity;
    const capped = files.map((file) => ({ ...file, mtime: Math.min(file.mtime, latest) }));
    const { bytes, listing } = writeFiles(capped, tree.paths());
    tree.addFiles(listing, () => `byte code made by Python`);
    const segment = await this.#segments.ofBytes(bytes, listing);
    return [{ segment, level: name, createdBy: `byte code of ${files.length} Python modules` }];
  }

  async #make(plan: Plan): Promise<ImageRecord> {
    const { segments, missing, unpackedBelow } = await this.compose(plan);
    for (const { path, needed } of missing.filter(({ elsewhere }) => elsewhere === undefined)) {
      this.#onNote(`${plan.image.name}: /${path} needs ${needed}, which is not in the image`);
    }
    const newest = segments.reduce((time, { segment }) => Math.max(time, segment.newest), 0);
    const layers: LayerRecord[] = [];
    for (const group of groupSegments(segments, this.#options.maxLayers ?? MAX_LAYERS)) {
      layers.push(await makeLayer(group, this.#store, this.#compression));
    }
    return { layers, created: this.#options.epoch ?? newest, unpackedBelow };
  }

  #assemble(plan: Plan, record: ImageRecord, base: Image | undefined): BuiltImage {
    const created = formatTime(record.created);
    const steps = record.layers.map((layer) => ({ created, created_by: `pith: ${layer.createdBy}` }));
    const layers = record.layers.map((layer) => openLayer(layer, this.#store, this.#compression));
    const config = runConfig(plan);
    const below = base ? baseLayers(base) : [];
    const image = assembleImage({
      config: {
        created,
        ...plan.platform,
        config: base ? configOnBase(base, config) : config,
        history: [...(base ? baseHistory(base) : []), ...steps],
      },
      layers: [...below, ...layers],
      annotations: plan.image.annotations,
    });
    return {
      plan,
      image,
      packages: plan.levels.reduce((count, level) => count + level.packages.length, 0),
      size: [...below.map((layer) => layer.descriptor), ...record.layers].reduce(
        (sum, { size }) => sum + size,
        0,
      ),
      unpacked: record.layers.reduce((sum, layer) => sum + layer.unpacked, record.unpackedBelow),
    };
  }

  /** Everything that the layers of an image depend on. */
  #keyOf(plan: Plan): string {
    const levels = plan.levels.map(({ name, files, users, groups, bytecode, packages }) => [
      name,
      bytecode,
      files.map(identityOfFile),
      users,
      groups,
      packages.map(({ locked, contents, move, applets, into = '' }) => [
        identityOf(locked),
        contents,
        move,
        applets,
        into,
      ]),
    ]);
    const { maxLayers, epoch } = this.#options;
    const versions = [IMAGE_VERSION, SEGMENT_VERSION, COMPRESSOR_VERSION[this.#compression]];
    const base = plan.image.base ? [plan.image.base.digest] : [];
    return hexOf(
      digestOf(
        canonicalJson([
          versions,
          levels,
          plan.image.mergedUsr,
          maxLayers ?? MAX_LAYERS,
          epoch ?? -1,
          ...base,
        ]),
      ),
    );
  }

  #listing(segment: Segment): Promise<StoredListing> {
    return this.#listings.do(segment.key, () => this.#segments.readListing(segment));
  }
}

function rulesOf({ contents, move, into }: PlannedPackage, plan: Plan): SegmentRules {
  return { contents, mergeUsr: plan.image.mergedUsr, move, ...(into === undefined ? {} : { into }) };
}

/** What a file of a definition comes to: not where it lies on this machine, but what it holds. */
function identityOfFile({ tree, ...file }: PlannedFile): object {
  const digest = file.time === 'source' ? tree?.datedDigest : tree?.digest;
  return { ...file, project: '', tree: digest };
}

/** `config` of the image configuration (OCI image-spec, config.md). */
function runConfig({ config }: Plan): RunConfig {
  const env = Object.entries(config.env).map(([name, value]) => `${name}=${value}`);
  const keys = (names: readonly string[]): Record<string, Record<string, never>> =>
    Object.fromEntries(names.map((name) => [name, {}]));
  return {
    ...(config.user === undefined ? {} : { User: config.user }),
    ...(config.ports.length > 0
      ? { ExposedPorts: keys(config.ports.map((port) => (port.includes('/') ? port : `${port}/tcp`))) }
      : {}),
    ...(env.length > 0 ? { Env: env } : {}),
    ...(config.entrypoint ? { Entrypoint: config.entrypoint } : {}),
    ...(config.cmd ? { Cmd: config.cmd } : {}),
    ...(config.volumes.length > 0 ? { Volumes: keys(config.volumes) } : {}),
    ...(config.workdir === undefined ? {} : { WorkingDir: config.workdir }),
    ...(Object.keys(config.labels).length > 0 ? { Labels: config.labels } : {}),
    ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
  };
}

/** RFC 3339 in whole seconds. */
function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
