import { type Entries, ImageTree } from '../../inspect/index.ts';
import type { Rule } from '../model.ts';
import { showPath, showSize } from '../show.ts';

const FLAWS = {
  'below-no-folder': 'what it lies in is no folder',
  'link-loop': 'the links on the way to it lead nowhere',
} as const;

export const LAYER_RULES: readonly Rule[] = [
  {
    id: 'wrong-diff-id',
    severity: 'error',
    title: 'A layer is not the one that the configuration names',
    why: 'Engines compare the digest of the unpacked layer (`rootfs.diff_ids`) and refuse the image. It was changed, or its maker has a fault.',
    mend: 'Build the image anew, or fetch it from where it was made.',
    *find({ view: { contents } }) {
      for (const [number, { diffId, layer }] of contents.layers.entries())
        if (diffId !== layer.diffId)
          yield {
            message: `it is ${diffId}, the configuration says ${layer.diffId}`,
            layer: number,
            field: `rootfs.diff_ids.${number}`,
          };
    },
  },
  {
    id: 'deleted-files',
    severity: 'warning',
    title: 'A layer deletes what a lower one holds',
    why: 'The files stay in the lower layer: they are stored and sent with the image, and anybody can take them out of it.',
    mend: 'Delete files in the step that makes them, or copy what is needed into a last stage.',
    *find({ view: { contents } }) {
      if (!contents.layers.some(({ entries }) => hasWhiteouts(entries))) return;
      const removed: { id: number; layer: number; bytes: number }[] = [];
      const tree = ImageTree.stack(contents.layers, {
        onRemoved(before, id, layer) {
          if (before.type(id) !== 'directory') removed.push({ id, layer, bytes: before.size(id) });
        },
      });
      const deleted = new Map<number, { files: number; bytes: number; first: string }>();
      for (const { id, layer, bytes } of removed) {
        if (tree.isThere(id)) continue;
        const before = deleted.get(layer);
        deleted.set(layer, {
          files: (before?.files ?? 0) + 1,
          bytes: (before?.bytes ?? 0) + bytes,
          first: before?.first ?? tree.path(id),
        });
      }
      for (const [layer, { files, bytes, first }] of deleted) {
        const entries = contents.layers[layer]?.entries;
        const onlyDeletes = entries !== undefined && isWhiteoutsOnly(entries);
        const what = files === 1 ? showPath(first) : `${files} files such as ${showPath(first)}`;
        yield {
          message: `it deletes ${what} (${showSize(bytes)})${onlyDeletes ? ' and does nothing else' : ''}`,
          layer,
        };
      }
    },
  },
  {
    id: 'whiteout-of-nothing',
    severity: 'note',
    title: 'A layer deletes what is not there',
    why: 'It does no harm, but nobody meant it: a lower layer is another one than its maker thought.',
    mend: 'Build the image anew on the base that it has now.',
    *find({ view: { tree } }) {
      for (const { flaw, layer, path } of tree.flaws)
        if (flaw === 'whiteout-of-nothing') yield { message: 'there is nothing to delete', path, layer };
    },
  },
  {
    id: 'misplaced-file',
    severity: 'error',
    title: 'A layer cannot be unpacked',
    why: 'A file lies below something that is no folder. Engines refuse the layer, or each puts the file somewhere else.',
    mend: 'Build the layer anew; leave out the link or file that stands in the place of a folder.',
    *find({ view: { tree } }) {
      for (const { flaw, layer, path } of tree.flaws)
        if (flaw !== 'whiteout-of-nothing') yield { message: FLAWS[flaw], path, layer };
    },
  },
  {
    id: 'path-leaves-root',
    severity: 'error',
    title: 'A path of a layer leads out of the root',
    why: 'Tools that unpack layers without care write outside of the folder that they unpack into. No honest build makes such a path.',
    mend: 'Do not use the image. Build the layer anew.',
    *find({ view: { contents } }) {
      for (const [layer, { entries, outside = [] }] of contents.layers.entries())
        for (const at of outside)
          yield { message: 'its path has more .. than folders', path: entries.path(at), layer };
    },
  },
];

function hasWhiteouts({ columns }: Entries): boolean {
  return columns.paths.some((path) => path.includes('.wh.'));
}

function isWhiteoutsOnly(entries: Entries): boolean {
  for (let at = 0; at < entries.length; at++) {
    const path = entries.path(at);
    if (entries.type(at) !== 'directory' && !path.slice(path.lastIndexOf('/') + 1).startsWith('.wh.'))
      return false;
  }
  return true;
}
