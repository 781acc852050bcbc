import type { ImageView } from '../../inspect/index.ts';
import { stackLayers } from './layer-tree.ts';
import { hasColour, hasUnicode } from './locale.ts';
import { paintLine } from './paint.ts';
import { render } from './render.ts';
import { Session } from './session.ts';
import { startState } from './state.ts';
import { Terminal, type TerminalInput, type TerminalOutput } from './terminal.ts';

export interface ExploreIO {
  /** What is looked at, as the user named it. */
  readonly title: string;
  readonly input: TerminalInput & { readonly isTTY?: boolean };
  readonly output: TerminalOutput & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder that relative places to extract to begin in. */
  readonly folder: string;
}

/** Whether there is a terminal that the view can be shown on. */
export function canExplore({ input, output, environment }: Omit<ExploreIO, 'title' | 'folder'>): boolean {
  return input.isTTY === true && output.isTTY === true && environment['TERM'] !== 'dumb';
}

/**
 * Shows an image on a terminal until the user has seen enough. The terminal is left as it was, also by a signal or a fault.
 * Contents of files are read again from the layers when they are wanted.
 */
export async function explore(view: ImageView, io: ExploreIO): Promise<void> {
  const { title, input, output, environment, folder } = io;
  const painting = { colour: hasColour(environment) };
  const text = { unicode: hasUnicode(environment) };
  await new Promise<void>((resolve, reject) => {
    let drawing: NodeJS.Immediate | undefined;
    const end = (): void => {
      session.end();
      clearImmediate(drawing);
      terminal.close();
    };
    const terminal = new Terminal(input, output, {
      onEvent: (event) => {
        session.receive(event);
      },
      onEnd: () => {
        end();
        resolve();
      },
    });
    const last = Math.max(0, view.contents.layers.length - 1);
    const layers = stackLayers(view, { layer: last, aggregated: false });
    const session = new Session(startState({ title, view, text, size: terminal.size }, layers), {
      folder,
      onChange: () => {
        drawing ??= setImmediate(() => {
          drawing = undefined;
          try {
            terminal.draw(render(session.state).map((line) => paintLine(line, painting)));
          } catch (error) {
            fail(error);
          }
        });
      },
      onSuspend: terminal.suspend,
      onQuit: () => {
        end();
        resolve();
      },
      onFailure: (error) => {
        fail(error);
      },
    });
    const fail = (error: unknown): void => {
      end();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    terminal.open();
    session.start();
  });
}
