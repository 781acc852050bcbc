import { useEffect, useRef } from 'preact/hooks';
import type { PageImage, PageLayer } from '../../../src/page/data.ts';
import { countOf, formatCount, formatSize } from '../format.ts';
import { DigestText } from '../parts/digest.tsx';
import { Bar } from '../parts/facts.tsx';
import { sharedDiffIds, useShown } from '../report.ts';
import { formatRoute, type Route } from '../route.ts';

/** Layers that are listed. */
const SHOWN = 500;

/** Layers, the lowest first, with who shares them; of a difference both lists. */
export function LayersView({ route }: { readonly route: Route }) {
  const { report } = useShown();
  const shared = sharedDiffIds(report);
  const { image, before } = report;
  return (
    <>
      <LayerTable
        image={image}
        title={before ? `After: ${image.name}` : 'Layers, the lowest first'}
        other={before?.name}
        shared={shared}
        chosen={Number(route.values['layer'] ?? 0) - 1}
        canLink
      />
      {before && (
        <LayerTable
          image={before}
          title={`Before: ${before.name}`}
          other={image.name}
          shared={shared}
          chosen={-1}
        />
      )}
    </>
  );
}

interface LayerTableProps {
  readonly image: PageImage;
  readonly title: string;
  /** Name of the other image of a difference. */
  readonly other: string | undefined;
  readonly shared: ReadonlySet<string>;
  readonly chosen: number;
  /** The tree shows this image. */
  readonly canLink?: boolean;
}

function LayerTable({ image, title, other, shared, chosen, canLink = false }: LayerTableProps) {
  const { layers } = image;
  const largest = Math.max(0, ...layers.map(({ unpackedSize }) => unpackedSize));
  const hasSharing = other !== undefined || layers.some(({ sharedWith }) => sharedWith !== undefined);
  const wasted = layers.reduce((sum, layer) => sum + (layer.wasted ?? 0), 0);
  if (layers.length === 0) return <p class="empty">{image.name} has no layer.</p>;
  return (
    <section class="wide">
      <h2>{title}</h2>
      <p class="muted">
        {countOf(layers.length, 'layer')}, {formatSize(image.size)} stored, {formatSize(image.unpackedSize)}{' '}
        unpacked
        {wasted > 0 && `, ${formatSize(wasted)} of them replaced or deleted by a higher layer`}.
      </p>
      <table class="layers">
        <thead>
          <tr>
            <th scope="col" class="number">
              #
            </th>
            <th scope="col">Created by</th>
            <th scope="col" class="number extra">
              Stored
            </th>
            <th scope="col" class="number">
              Unpacked
            </th>
            <th scope="col" class="extra">
              <span class="unseen">Share</span>
            </th>
            <th scope="col" class="number extra">
              Files
            </th>
            <th scope="col" class="number extra">
              Wasted
            </th>
            {hasSharing && <th scope="col">Shared</th>}
            <th scope="col" class="extra">
              Digest
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.slice(0, SHOWN).map((layer, at) => (
            <LayerRow
              key={at}
              layer={layer}
              number={at + 1}
              isChosen={at === chosen}
              canLink={canLink}
              largest={largest}
              sharing={hasSharing ? sharingOf(layer, other, shared) : undefined}
            />
          ))}
        </tbody>
      </table>
      {layers.length > SHOWN && <p class="empty">{countOf(layers.length - SHOWN, 'more layer')}.</p>}
    </section>
  );
}

interface LayerRowProps {
  readonly layer: PageLayer;
  readonly number: number;
  readonly isChosen: boolean;
  readonly canLink: boolean;
  readonly largest: number;
  readonly sharing: string | undefined;
}

function LayerRow({ layer, number, isChosen, canLink, largest, sharing }: LayerRowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: 'center' });
  }, [isChosen]);
  return (
    <tr ref={row} class={isChosen ? 'chosen' : ''}>
      <td class="number">
        {canLink ? <a href={formatRoute('layers', { layer: number })}>{number}</a> : number}
      </td>
      <td class="command">
        {layer.createdBy === undefined ? <span class="muted">not said</span> : <code>{layer.createdBy}</code>}
      </td>
      <td class="number extra">{formatSize(layer.size)}</td>
      <td class="number">{formatSize(layer.unpackedSize)}</td>
      <td class="extra">
        <Bar part={layer.unpackedSize} whole={largest} />
      </td>
      <td class="number extra">
        {canLink ? (
          <a href={formatRoute('files', { 'in-layer': number, as: 'list', sort: '-size' })}>
            {formatCount(layer.files)}
          </a>
        ) : (
          formatCount(layer.files)
        )}
      </td>
      <td class="number extra">
        {layer.wasted === undefined || layer.wasted === 0 ? '' : formatSize(layer.wasted)}
      </td>
      {sharing !== undefined && <td>{sharing}</td>}
      <td class="extra" title={layer.mediaType}>
        <DigestText digest={layer.digest} />
      </td>
    </tr>
  );
}

function sharingOf(
  { diffId, sharedWith }: PageLayer,
  other: string | undefined,
  shared: ReadonlySet<string>,
): string {
  if (other !== undefined) return shared.has(diffId) ? '= in both' : 'only here';
  return sharedWith && sharedWith.length > 0 ? sharedWith.join(', ') : 'only here';
}
