import type { Layer, RunConfig } from '../oci/index.ts';
import { type ListedFile, StackedFiles, TreeLookup } from '../rootfs/index.ts';
import type { BaseContents } from './base-image.ts';
import { type LayerEntry, readLayer } from './read-layer.ts';

/** The file system of an application on a base, as its programs see it. */
export interface Root {
  readonly files: StackedFiles;
  readonly tree: TreeLookup<ListedFile>;
  /** Content of databases and of the loader's configuration, by path. */
  readonly captured: ReadonlyMap<string, Uint8Array>;
  /** What is the application's own: by its place, with its path in the application's layers. */
  readonly own: ReadonlyMap<string, string>;
  /** What stands behind `#!`, by the place of the application's script. */
  readonly scripts: ReadonlyMap<string, string>;
}

/** The file system of an application and what is started in it. */
export interface Started {
  readonly root: Root;
  readonly config: RunConfig;
}

/** The value of a variable of the environment. */
export function variableOf({ Env = [] }: RunConfig, name: string): string | undefined {
  return Env.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Reads the application's own layers, without keeping more of them than what their files are and need. */
export async function readOwnLayers(
  layers: readonly Layer[],
  signal: AbortSignal | undefined,
): Promise<LayerEntry[][]> {
  const read: LayerEntry[][] = [];
  for (const [index, layer] of layers.entries()) {
    const entries: LayerEntry[] = [];
    const what = `layer ${index + 1} of the application`;
    for await (const entry of readLayer(layer, what, signal)) entries.push(entry);
    read.push(entries);
  }
  return read;
}

/** Puts the layers of an application on a base. */
export function stackOn(base: BaseContents, layers: readonly (readonly LayerEntry[])[]): Root {
  const files = new StackedFiles(base.files);
  const contents = new Map<ListedFile, Uint8Array>();
  const shebangs = new Map<ListedFile, string>();
  for (const file of base.files) {
    const content = base.captured.get(file.path);
    if (content) contents.set(file, content);
  }
  for (const layer of layers) {
    files.startLayer();
    for (const { file, content, shebang } of layer) {
      const placed = files.add(file);
      if (placed && content) contents.set(placed, content);
      if (placed && shebang !== undefined) shebangs.set(placed, shebang);
    }
  }
  const present = <Value>(values: ReadonlyMap<ListedFile, Value>): Map<string, Value> => {
    const there = [...values].filter(([file]) => files.get(file.path) === file);
    return new Map(there.map(([file, value]) => [file.path, value]));
  };
  return {
    files,
    tree: new TreeLookup(files.files().map((file) => [file.path, { file }])),
    captured: present(contents),
    own: files.added(),
    scripts: present(shebangs),
  };
}
