import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PageImage, PageLayer, PagePackage } from '../../src/page/data.ts';
import type { Report } from './load.ts';
import { formatRoute } from './route.ts';
import { CHANGE, type Tree } from './tree.ts';

/** What the parts of the page draw. */
export interface Shown {
  readonly report: Report;
  /** Undefined until it is unpacked. */
  readonly tree: Tree | undefined;
  /** Why there will be no tree. */
  readonly fault?: string;
}

const Context = createContext<Shown | undefined>(undefined);

export const ShownProvider = Context.Provider;

export function useShown(): Shown {
  const shown = useContext(Context);
  if (!shown) throw new Error('a part of the page stands outside of it');
  return shown;
}

/** The image that an entry's layer is one of: what was removed comes from the first one. */
export function imageOf({ image, before }: Report, tree: Tree, entry: number): PageImage {
  return before && tree.difference?.changes[entry] === CHANGE.removed ? before : image;
}

/** `deb/libc6`, as deep links have it. */
export function packageKey({ type, name }: PagePackage): string {
  return `${type}/${name}`;
}

export function packageHref(found: PagePackage): string {
  return formatRoute('packages', { package: packageKey(found) });
}

/** What tells of a layer that two images have. */
export function sharedDiffIds({ image, before }: Report): ReadonlySet<string> {
  const others = new Set(before?.layers.map(({ diffId }) => diffId));
  return new Set(image.layers.map(({ diffId }) => diffId).filter((diffId) => others.has(diffId)));
}

/** `Layer 3`: layers count from 1, the lowest first. */
export function layerTitle(layer: number, layers: readonly PageLayer[]): string {
  const command = layers[layer]?.createdBy;
  return layer < 0 ? 'no layer' : `Layer ${layer + 1}${command === undefined ? '' : `: ${command}`}`;
}
