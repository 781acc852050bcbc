/** One rectangle of a map, or a row of the list beside it. */
export interface MapItem {
  /** The same for the same thing, whenever it is asked for. */
  readonly key: string;
  readonly label: string;
  /** Bytes. */
  readonly value: number;
  /** Number of the entry, where it is one. */
  readonly entry?: number;
  /** Address of the page that tells more. */
  readonly href?: string;
  /** What is in it can be asked for. */
  readonly isFolder: boolean;
  /** Number of small things that this one stands for. */
  readonly rest?: number;
  /** Place in ENTRY_CHANGES, where it is an entry of a difference. */
  readonly change?: number;
}

/** What a map is drawn of. */
export interface MapSource {
  readonly root: MapItem;
  /**
   * What is in an item, the largest first, and one item for all that is smaller than `least` bytes.
   * Nothing without bytes.
   */
  children(item: MapItem, least: number): readonly MapItem[];
}

/** Puts items in order and adds the one for what was too small. */
export function withRest(
  parent: MapItem,
  items: MapItem[],
  rest: { readonly count: number; readonly value: number },
): MapItem[] {
  items.sort((a, b) => b.value - a.value);
  if (rest.value > 0)
    items.push({
      key: `${parent.key}…`,
      label: `${rest.count.toLocaleString('en')} smaller`,
      value: rest.value,
      isFolder: false,
      rest: rest.count,
    });
  return items;
}
