import { formatSize } from '../format.ts';
import { fit, type Line, marked, span } from './screen.ts';
import type { State } from './state.ts';
import { showName } from './text.ts';

/** The rows of layers that are on the screen: number, bytes of the layer as it is stored, what made it. */
export function renderLayers(
  state: State,
  commands: readonly string[],
  width: number,
  height: number,
): Line[] {
  const { layers, view, text, focus } = state;
  const digits = String(view.contents.layers.length).length;
  return view.contents.layers.slice(layers.top, layers.top + height).map(({ layer }, index): Line => {
    const at = layers.top + index;
    const line = fit(
      [
        span(` ${String(at + 1).padStart(digits)} `),
        span(formatSize(layer.blob.size).padStart(8)),
        span(` ${showName(commands[at] ?? '', text)}`, 'faint'),
      ],
      width,
      text,
    );
    if (at !== layers.selected) return line;
    return marked(line, focus === 'layers' ? 'selected' : 'marked');
  });
}
