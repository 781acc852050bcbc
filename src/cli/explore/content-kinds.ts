import type { Fact, ImageContents, ImageTree } from '../../inspect/index.ts';

/** A type of content that files can be shown by. */
export interface ContentKind {
  readonly title: string;
  /** Facts that make a file one of this kind. */
  readonly facts: readonly Fact['kind'][];
}

export const KINDS: readonly ContentKind[] = [
  { title: 'programs and libraries (ELF)', facts: ['elf'] },
  { title: 'scripts', facts: ['script'] },
  { title: 'text', facts: [] },
  { title: 'certificates', facts: ['certificates'] },
  { title: 'package databases', facts: ['packages', 'owned-files'] },
  { title: 'licences', facts: ['licences'] },
  { title: 'accounts', facts: ['accounts', 'groups', 'passwords'] },
  { title: 'shells, package managers, network tools', facts: ['tool'] },
  { title: 'keys and tokens', facts: ['secrets'] },
  { title: 'setuid and setgid', facts: [] },
];
export const TEXT = KINDS.findIndex(({ title }) => title === 'text');
const SETUID = KINDS.findIndex(({ title }) => title.startsWith('setuid'));
const SETUID_BITS = 0o6000;

/** Which kinds the files of an image are of: a bit each of {@link KINDS}, by layer and number of the entry. */
export class ContentBits {
  readonly #layers: readonly Uint16Array[];
  /** Whether text has been looked for. */
  readonly knowsText: boolean;

  private constructor(layers: readonly Uint16Array[], knowsText: boolean) {
    this.#layers = layers;
    this.knowsText = knowsText;
  }

  static of({ layers }: ImageContents): ContentBits {
    return new ContentBits(
      layers.map(({ entries, facts }) => {
        const bits = new Uint16Array(entries.length);
        for (const [at, found] of facts)
          bits[at] = found.reduce((sum, { kind }) => sum | (BITS[kind] ?? 0), 0);
        const { modes } = entries.columns;
        for (let at = 0; at < bits.length; at++)
          if (((modes[at] ?? 0) & SETUID_BITS) !== 0 && entries.type(at) === 'file')
            bits[at] = (bits[at] ?? 0) | (1 << SETUID);
        return bits;
      }),
      false,
    );
  }

  /** @param texts numbers of the entries that are text, by layer */
  withText(texts: readonly Iterable<number>[]): ContentBits {
    const layers = this.#layers.map((before, layer) => {
      const bits = before.slice();
      for (const at of texts[layer] ?? []) bits[at] = (bits[at] ?? 0) | (1 << TEXT);
      return bits;
    });
    return new ContentBits(layers, true);
  }

  /** The kinds of one file of a tree of these layers; a hard link is what it repeats. */
  of(tree: ImageTree, id: number): number {
    const type = tree.type(id);
    const content = type === 'file' ? id : type === 'hardlink' ? tree.contentOf(id) : undefined;
    const at = content === undefined ? undefined : tree.entryNumber(content);
    return content === undefined || at === undefined ? 0 : (this.#layers[tree.layer(content)]?.[at] ?? 0);
  }
}

const BITS: Readonly<Partial<Record<Fact['kind'], number>>> = Object.fromEntries(
  KINDS.flatMap(({ facts }, kind) => facts.map((fact) => [fact, 1 << kind])),
);
