import { layerCommands } from './layer-info.ts';
import { layoutOf } from './layout.ts';
import { renderBottom } from './render-bottom.ts';
import { renderDetails } from './render-details.ts';
import { renderFiles } from './render-files.ts';
import { renderLayers } from './render-layers.ts';
import { renderOverlay } from './render-overlay.ts';
import { beside, block, fit, heading, type Line, span } from './screen.ts';
import type { State } from './state.ts';
import { formatSize } from '../format.ts';
import { formatPlatform } from '../../oci/index.ts';
import { shortenStart, showName, widthOf } from './text.ts';

/** Cells that the name of the image has at least, where the screen has as many. */
const MIN_NAME = 20;

/** The whole screen: as many lines as it has rows, each as wide as it is. */
export function render(state: State): readonly Line[] {
  const { size, text } = state;
  const { columns, rows } = size;
  const layout = layoutOf(state);
  if (layout.isTooSmall) return block([[span('pith: this screen is too small')]], columns, rows, text);
  const body = state.overlay ? renderOverlay(state, state.overlay, columns, layout.body) : renderPanes(state);
  return [titleLine(state), ...block(body, columns, layout.body, text), ...renderBottom(state)].map((line) =>
    fit(line, columns, text),
  );
}

/** What is looked at on the left, its figures on the right. */
function titleLine({ title, view, text, size }: State): Line {
  const { image, contents, tree } = view;
  const { bytes, files } = tree.totals();
  const facts = [
    showName(formatPlatform(image.config), text),
    `${contents.layers.length} ${contents.layers.length === 1 ? 'layer' : 'layers'}`,
    `${(files[tree.root] ?? 0).toLocaleString('en')} files and links`,
    formatSize(bytes[tree.root] ?? 0),
  ];
  const roomFor = (): number => size.columns - widthOf(facts.join('  ')) - 4;
  while (facts.length > 0 && roomFor() < MIN_NAME) facts.shift();
  const name = shortenStart(showName(title, text), roomFor(), text);
  const blanks = roomFor() + 2 - widthOf(name);
  return [span(` ${name}`, 'strong'), span(`${' '.repeat(blanks)}${facts.join('  ')}`)];
}

function renderPanes(state: State): Line[] {
  const { text, focus, view, layers } = state;
  const { left, right, body, layers: layerRows, details, list } = layoutOf(state);
  const leftSide = (): Line[] => [
    heading('Layers', left, focus === 'layers', text),
    ...block(renderLayers(state, layerCommands(view.image), left, layerRows), left, layerRows, text),
    heading(focus === 'layers' ? `Layer ${layers.selected + 1}` : 'Details', left, false, text),
    ...block(renderDetails(state, left), left, details, text),
  ];
  const rightSide = (): Line[] => [
    heading(filesTitle(state), right, focus === 'files', text),
    ...block(renderFiles(state, right, list), right, list, text),
  ];
  if (left === 0) return rightSide();
  const lines = block(leftSide(), left, body, text);
  return right === 0 ? lines : beside(lines, rightSide(), text);
}

function filesTitle({ files, wanted, view }: State): string {
  const { layer, aggregated } = files.rows.layers;
  if (wanted.layer !== layer || wanted.aggregated !== aggregated)
    return `Files of layer ${wanted.layer + 1} …`;
  const isLast = layer === view.contents.layers.length - 1;
  const changes = aggregated
    ? 'changes since layer 1'
    : isLast
      ? `changes of layer ${layer + 1}`
      : 'its changes';
  return `Files${isLast ? '' : ` up to layer ${layer + 1}`}, ${changes}, by ${files.rows.sort}`;
}
