import { Session } from '../cli/explore/session.ts';
import { stackLayers } from '../cli/explore/layer-tree.ts';
import { render } from '../cli/explore/render.ts';
import type { ScreenSize, State } from '../cli/explore/state.ts';
import { startState } from '../cli/explore/state.ts';
import { loadReaders } from '../inspect/index.ts';
import { viewOf } from './inspected.ts';
import type { LayerFiles, TestImage } from './layered-image.ts';

export interface ExploredOptions extends TestImage {
  readonly size?: ScreenSize;
  readonly unicode?: boolean;
  /** Where relative places to extract to begin. */
  readonly folder?: string;
}

/** The interactive view of an image without a terminal. */
export interface Explored {
  readonly state: State;
  /** Presses keys by their names, one after the other, and waits for what they cause. */
  press(...keys: string[]): Promise<void>;
  /** Types each character of a text. */
  type(text: string): Promise<void>;
  resize(size: ScreenSize): void;
  paste(text: string): void;
  /** The screen as text, without blanks at the ends of lines. */
  screen(): string;
  /** One line of the screen, from 0; from the end, if negative. */
  line(at: number): string;
  /** What the view asked for that only a terminal can do. */
  readonly asked: readonly ('quit' | 'suspend')[];
}

export async function explored(
  layers: readonly LayerFiles[],
  { size = { columns: 80, rows: 24 }, unicode = true, folder = '/', ...options }: ExploredOptions = {},
): Promise<Explored> {
  const view = await viewOf(layers, { ...options, readers: await loadReaders() });
  const asked: ('quit' | 'suspend')[] = [];
  const tree = stackLayers(view, { layer: layers.length - 1, aggregated: false });
  const failures: unknown[] = [];
  const session = new Session(startState({ title: 'oci:images', view, text: { unicode }, size }, tree), {
    folder,
    onChange: () => undefined,
    onSuspend: () => asked.push('suspend'),
    onQuit: () => asked.push('quit'),
    onFailure: (error) => failures.push(error),
  });
  session.start();
  const settle = async (): Promise<void> => {
    do await new Promise((resolve) => setTimeout(resolve, 5));
    while (session.isBusy);
    if (failures.length > 0) throw failures[0];
  };
  await settle();
  const lines = (): string[] =>
    render(session.state).map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  return {
    get state() {
      return session.state;
    },
    asked,
    async press(...keys) {
      for (const key of keys) {
        session.receive({ kind: 'key', key, ...(key.length === 1 ? { text: key } : {}) });
        await settle();
      }
    },
    async type(text) {
      for (const character of text) session.receive({ kind: 'key', key: character, text: character });
      await settle();
    },
    resize(next) {
      session.receive({ kind: 'resize', size: next });
    },
    paste(text) {
      session.receive({ kind: 'paste', text });
    },
    screen: () => lines().join('\n'),
    line: (at) => lines().at(at) ?? '',
  };
}
