import type { ImageTree, ImageView, InstalledPackage } from '../../inspect/index.ts';
import { ContentBits } from './content-kinds.ts';
import { type FilesPane, openFiles } from './files-pane.ts';
import type { PackageList } from './package-list.ts';
import { type LayerTree, type TreeChoice } from './layer-tree.ts';
import type { SortOrder } from './tree-rows.ts';
import type { TextOptions } from './text.ts';
import type { Viewer } from './viewer.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** A list in which one row is selected. */
export interface ListPosition {
  readonly selected: number;
  /** Number of the first row on the screen. */
  readonly top: number;
}

/** The packages, as they are listed. */
export interface PackagesPane extends ListPosition {
  readonly kind: 'packages';
  readonly sort: Exclude<SortOrder, 'change'>;
  /** Text in the name. */
  readonly search: string;
}

export interface KindsPane extends ListPosition {
  readonly kind: 'kinds';
  /** Files of each type of content that are in the tree. */
  readonly counts: readonly number[];
}

export interface HelpPane extends ListPosition {
  readonly kind: 'help';
}

/** What lies over the layers and files. */
export type Overlay = Viewer | PackagesPane | KindsPane | HelpPane;

/** A question at the bottom of the screen. */
export type Prompt =
  | { readonly kind: 'search'; readonly text: string; readonly before: FilesPane }
  | { readonly kind: 'find'; readonly text: string }
  | { readonly kind: 'packages'; readonly text: string }
  | { readonly kind: 'extract'; readonly text: string; readonly id: number }
  | { readonly kind: 'replace'; readonly text: string; readonly id: number };

/** Everything that is on the screen, and what it is made from. Never changed: a key gives another one. */
export interface State {
  /** What is looked at, as it was asked for. */
  readonly title: string;
  readonly view: ImageView;
  readonly text: TextOptions;
  readonly size: ScreenSize;
  readonly focus: 'layers' | 'files';
  readonly layers: ListPosition;
  /** The tree that is wanted; until it is there, another one is shown. */
  readonly wanted: TreeChoice;
  readonly files: FilesPane;
  /** Mode and owner of files are shown. */
  readonly attributes: boolean;
  readonly bits: ContentBits;
  /** Undefined until they have been read. */
  readonly packages: PackageList | undefined;
  readonly overlay: Overlay | undefined;
  readonly prompt: Prompt | undefined;
  /** What there is to say of the last key. */
  readonly message: string;
  /** What is under way. */
  readonly busy: string;
}

/** What the state cannot do itself: who runs it answers with an event. */
export type Effect =
  | { readonly kind: 'quit' | 'suspend' | 'find-text' }
  | { readonly kind: 'stack'; readonly choice: TreeChoice }
  /** To be answered once there is time for it. */
  | { readonly kind: 'search'; readonly text: string }
  | { readonly kind: 'read'; readonly tree: ImageTree; readonly id: number }
  | {
      readonly kind: 'extract';
      readonly tree: ImageTree;
      readonly id: number;
      readonly target: string;
      /** A file that is there already may be replaced. */
      readonly replaces: boolean;
    };

export type Event =
  /** `text` is what the key types, if it does. */
  | { readonly kind: 'key'; readonly key: string; readonly text?: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'resize'; readonly size: ScreenSize }
  | { readonly kind: 'search'; readonly text: string }
  | { readonly kind: 'stacked'; readonly layers: LayerTree }
  | { readonly kind: 'content'; readonly tree: ImageTree; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'text-found'; readonly bits: ContentBits }
  | { readonly kind: 'packages'; readonly packages: PackageList }
  | { readonly kind: 'exists'; readonly id: number; readonly target: string }
  | { readonly kind: 'done'; readonly message: string };

/** A new state, and what is to be done. */
export type Step = readonly [State, ...Effect[]];

/** @param layers the whole image */
export function startState(
  options: Pick<State, 'title' | 'view' | 'text' | 'size'>,
  layers: LayerTree,
): State {
  return {
    ...options,
    focus: 'files',
    layers: { selected: layers.layer, top: 0 },
    wanted: { layer: layers.layer, aggregated: layers.aggregated },
    files: openFiles(layers, 'name'),
    attributes: options.size.columns >= 120,
    bits: ContentBits.of(options.view.contents),
    packages: undefined,
    overlay: undefined,
    prompt: undefined,
    message: '',
    busy: '',
  };
}

/** The package that a file is of. */
export function ownerOf({ packages, files }: State, id: number): InstalledPackage | undefined {
  return packages?.owners.get(files.rows.layers.tree.path(id));
}
