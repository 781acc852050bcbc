import type { LayerCompression } from '../archive/index.ts';
import { Once } from '../core/index.ts';
import { assembleImage, type Image } from '../oci/index.ts';
import { identityOf } from '../resolve/index.ts';
import {
  type FileTree,
  findMissingLibraries,
  Installation,
  type InstalledPackage,
  loadShellParser,
  type SegmentRules,
  writeFiles,
} from '../rootfs/index.ts';
import type { Store } from '../store/index.ts';
import { readBaseImage } from './base-image.ts';
import type { Bases } from './bases.ts';
import { checkUser } from './check-user.ts';
import type { Composition } from './composition.ts';
import { addFiles, libraryOptions } from './derive.ts';
import { formatTime, runConfig } from './image-config.ts';
import { keyOfImage } from './image-key.ts';
import { notesOfImage } from './image-notes.ts';
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
import { imageAnnotations } from './rebase-annotations.ts';
import { baseHistory, baseLayers, configOnBase, startEmpty, startOnBase } from './on-base.ts';
import type { StoredListing } from './listing.ts';
import type { PackageForSegment, Segment, Segments } from './segments.ts';

const RECORD = 'image';
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
  /** What is said whenever it is built. */
  readonly notes?: readonly string[];
}

/** Gives the verified file of a package. */
export type FetchPackage = (wanted: PlannedPackage['locked']) => ReturnType<PackageForSegment['fetch']>;

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
    for (const note of record.notes ?? []) this.#onNote(note);
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
    checkUser(plan, installation.accounts);
    const libraries = { ...libraryOptions(state), libraryPath: plan.config.env['LD_LIBRARY_PATH'] };
    return {
      tree,
      segments,
      missing: findMissingLibraries(tree.entries(), libraries),
      libraries,
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
    const { bytes, listing } = writeFiles(capped, tree);
    tree.addFiles(listing, () => `byte code made by Python`);
    const segment = await this.#segments.ofBytes(bytes, listing);
    return [{ segment, level: name, createdBy: `byte code of ${files.length} Python modules` }];
  }

  /** What somebody should know of an image: libraries that are missing, patterns that match nothing. */
  notesOf(plan: Plan, { missing }: Composition): Promise<string[]> {
    return notesOfImage(plan, missing, (planned) => this.packageSegment(plan, planned));
  }

  async #make(plan: Plan): Promise<ImageRecord> {
    const composition = await this.compose(plan);
    const { segments, unpackedBelow } = composition;
    const notes = await this.notesOf(plan, composition);
    const newest = segments.reduce((time, { segment }) => Math.max(time, segment.newest), 0);
    const layers: LayerRecord[] = [];
    for (const group of groupSegments(segments, this.#options.maxLayers ?? MAX_LAYERS)) {
      layers.push(await makeLayer(group, this.#store, this.#compression));
    }
    const created = this.#options.epoch ?? newest;
    return { layers, created, unpackedBelow, ...(notes.length > 0 ? { notes } : {}) };
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
      annotations: imageAnnotations(plan.image),
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

  #keyOf(plan: Plan): string {
    const { maxLayers = MAX_LAYERS, epoch } = this.#options;
    return keyOfImage(plan, { compression: this.#compression, maxLayers, epoch });
  }

  #listing(segment: Segment): Promise<StoredListing> {
    return this.#listings.do(segment.key, () => this.#segments.readListing(segment));
  }
}

function rulesOf({ contents, move, into }: PlannedPackage, plan: Plan): SegmentRules {
  return { contents, mergeUsr: plan.image.mergedUsr, move, ...(into === undefined ? {} : { into }) };
}
