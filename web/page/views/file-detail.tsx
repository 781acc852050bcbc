import { ENTRY_TYPES } from '../../../src/page/data.ts';
import { countOf, formatDate, formatMode, formatOctal, formatSize } from '../format.ts';
import { Facts, type FactRow } from '../parts/facts.tsx';
import { Side } from '../parts/side.tsx';
import { imageOf, layerTitle, packageHref, useShown } from '../report.ts';
import { formatRoute } from '../route.ts';
import { CHANGE, DIRECTORY, pathOf, targetOf, textAt, type Tree } from '../tree.ts';

interface EntryProps {
  readonly tree: Tree;
  readonly entry: number;
}

const HARD_LINK = 3;
const TYPE_TITLES = [
  'folder',
  'file',
  'symbolic link',
  'hard link',
  'character device',
  'block device',
  'named pipe',
];

/** Everything that is known of one entry. */
export function FileDetail({ tree, entry, onClose }: EntryProps & { readonly onClose: () => void }) {
  const { report } = useShown();
  const type = tree.types[entry] ?? 0;
  const change = tree.difference?.changes[entry] ?? CHANGE.same;
  const layer = tree.layers[entry] ?? -1;
  const image = imageOf(report, tree, entry);
  const found = report.packages[tree.packages[entry] ?? -1];
  const rows: FactRow[] = [
    ['Type', TYPE_TITLES[type]],
    ['Change', change === CHANGE.same ? undefined : <ChangeText tree={tree} entry={entry} />],
    ['Leads to', <Target tree={tree} entry={entry} />],
    [
      'Size',
      type === DIRECTORY ? (
        `${formatSize(tree.bytes[entry] ?? 0)} in ${countOf(tree.files[entry] ?? 0, 'file')}`
      ) : (
        <Size bytes={tree.sizes[entry] ?? 0} />
      ),
    ],
    [
      'Mode',
      <code>
        {formatMode(type, tree.modes[entry] ?? 0)} {formatOctal(tree.modes[entry] ?? 0)}
      </code>,
    ],
    ['Owner', `${tree.uids[entry] ?? 0}:${tree.gids[entry] ?? 0}`],
    ['Changed at', formatDate(tree.mtimes[entry] ?? 0)],
    [
      'Layer',
      layer < 0 ? undefined : image === report.image ? (
        <a href={formatRoute('layers', { layer: layer + 1 })}>{layerTitle(layer, image.layers)}</a>
      ) : (
        layerTitle(layer, image.layers)
      ),
    ],
    [
      'Package',
      found && (
        <a href={packageHref(found)}>
          {found.name} {found.version}
        </a>
      ),
    ],
  ];
  return (
    <Side title={pathOf(tree, entry)} onClose={onClose}>
      <Facts rows={rows.filter(([title]) => title !== 'Leads to' || textAt(tree.links, entry) !== '')} />
    </Side>
  );
}

function Size({ bytes }: { readonly bytes: number }) {
  return (
    <>
      {formatSize(bytes)} {bytes >= 1000 && <span class="muted">{bytes.toLocaleString('en')} bytes</span>}
    </>
  );
}

function Target({ tree, entry }: EntryProps) {
  const link = textAt(tree.links, entry);
  const target = targetOf(tree, entry, tree.types[entry] === HARD_LINK);
  if (target === undefined)
    return (
      <span>
        {link} <span class="muted">(not there)</span>
      </span>
    );
  return (
    <a class="path" href={formatRoute('files', { path: pathOf(tree, target) })}>
      {link}
    </a>
  );
}

/** What it was, line by line. */
function ChangeText({ tree, entry }: EntryProps) {
  const { difference } = tree;
  const change = difference?.changes[entry] ?? CHANGE.same;
  if (!difference || change === CHANGE.added) return <>added</>;
  if (change === CHANGE.removed) return <>removed</>;
  const [typeBefore = 0, type = 0] = [difference.types[entry], tree.types[entry]];
  const [modeBefore = 0, mode = 0] = [difference.modes[entry], tree.modes[entry]];
  const [sizeBefore = 0, size = 0] = [difference.sizes[entry], tree.sizes[entry]];
  const ownerBefore = `${difference.uids[entry] ?? 0}:${difference.gids[entry] ?? 0}`;
  const owner = `${tree.uids[entry] ?? 0}:${tree.gids[entry] ?? 0}`;
  const linkBefore = textAt(difference.links, entry);
  const link = textAt(tree.links, entry);
  const lines: readonly (readonly [boolean, string])[] = [
    [typeBefore !== type, `was a ${ENTRY_TYPES[typeBefore] ?? ''}`],
    [change === CHANGE.content && sizeBefore === size, 'other content of the same size'],
    [sizeBefore !== size, `size was ${formatSize(sizeBefore)}`],
    [modeBefore !== mode, `mode was ${formatOctal(modeBefore)}`],
    [ownerBefore !== owner, `owner was ${ownerBefore}`],
    [linkBefore !== link, `led to ${linkBefore || 'nothing'}`],
  ];
  return (
    <>
      {lines
        .filter(([holds]) => holds)
        .map(([, text]) => (
          <div key={text}>{text}</div>
        ))}
    </>
  );
}
