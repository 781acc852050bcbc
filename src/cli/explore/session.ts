import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { toPithError } from '../../core/index.ts';
import { ownersOf, packagesOf, readFiles } from '../../inspect/index.ts';
import { formatSize } from '../format.ts';
import { extract, type Extracted, kindAt } from './extract.ts';
import { findTexts } from './find-text.ts';
import { type LayerTree, stackLayers, type TreeChoice } from './layer-tree.ts';
import type { Effect, Event, State } from './state.ts';
import { update } from './update.ts';

/** Nodes of trees that are kept for when they are wanted again. */
const MAX_KEPT = 1_000_000;
/** Trees of more nodes take a moment to make: it is waited for the key after which no other comes at once. */
const LARGE = 50_000;
const PATIENCE = 250;

export interface SessionOptions {
  /** Folder that relative places to extract to begin in. */
  readonly folder: string;
  readonly onChange: (state: State) => void;
  readonly onSuspend: () => void;
  readonly onQuit: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Runs the state: events come in, effects are done, and what they give are events again. */
export class Session {
  #state: State;
  readonly #options: SessionOptions;
  readonly #controller = new AbortController();
  readonly #trees: LayerTree[] = [];
  /** What is to be done once there is time for it: the last one of its kind. */
  readonly #waiting = new Map<Effect['kind'], Effect>();
  #running = 0;

  constructor(state: State, options: SessionOptions) {
    this.#state = state;
    this.#options = options;
    this.#trees.push(state.files.rows.layers);
  }

  /** Whether there is something under way that will change the state. */
  get isBusy(): boolean {
    return this.#running > 0 || this.#waiting.size > 0 || this.#state.packages === undefined;
  }

  get state(): State {
    return this.#state;
  }

  /** Begins what takes a while: reading the packages. */
  start(): void {
    this.#options.onChange(this.#state);
    setImmediate(() => {
      this.#guard(() => {
        const packages = packagesOf(this.#state.view);
        this.receive({
          kind: 'packages',
          packages: { packages, owners: ownersOf(packages.map(({ installed }) => installed)) },
        });
      });
    });
  }

  /** Ends what is under way. */
  end(): void {
    this.#controller.abort();
  }

  readonly receive = (event: Event): void => {
    if (this.#controller.signal.aborted) return;
    this.#guard(() => {
      const [state, ...effects] = update(this.#state, event);
      this.#state = state;
      this.#options.onChange(state);
      for (const effect of effects) this.#run(effect);
    });
  };

  #run(effect: Effect): void {
    const { contents } = this.#state.view;
    const { signal } = this.#controller;
    switch (effect.kind) {
      case 'quit':
        this.#options.onQuit();
        return;
      case 'suspend':
        this.#options.onSuspend();
        return;
      case 'stack':
        this.#later(effect, this.#state.view.tree.count > LARGE ? PATIENCE : 1, () => ({
          kind: 'stacked',
          layers: this.#stack(effect.choice),
        }));
        return;
      case 'search':
        this.#later(effect, 1, () => ({ kind: 'search', text: effect.text }));
        return;
      case 'read':
        this.#answer(async () => {
          const { tree, id } = effect;
          const bytes = (await readFiles(contents, tree, [id], signal)).get(id) ?? new Uint8Array(0);
          return { kind: 'content', tree, id, bytes };
        });
        return;
      case 'find-text':
        this.#answer(async () => {
          const texts = await findTexts(contents, signal);
          return { kind: 'text-found', bits: this.#state.bits.withText(texts) };
        });
        return;
      case 'extract':
        this.#answer(() => this.#extract(effect));
    }
  }

  async #extract({ tree, id, target: asked, replaces }: Effect & { kind: 'extract' }): Promise<Event> {
    const target = resolve(this.#options.folder, asked.replace(/^~(?=\/|$)/, homedir()));
    const read = (ids: readonly number[]): Promise<ReadonlyMap<number, Uint8Array>> =>
      readFiles(this.#state.view.contents, tree, ids, this.#controller.signal);
    const place = tree.type(id) === 'symlink' ? tree.resolve(tree.path(id)) : id;
    const isFolder = place !== undefined && tree.type(place) === 'directory';
    if (!isFolder && !replaces && (await kindAt(target)) === 'file') return { kind: 'exists', id, target };
    return { kind: 'done', message: words(target, await extract({ tree, id, target, replaces, read })) };
  }

  #stack(choice: TreeChoice): LayerTree {
    const known = this.#trees.findIndex(
      ({ layer, aggregated }) => layer === choice.layer && aggregated === choice.aggregated,
    );
    const [kept] = known < 0 ? [] : this.#trees.splice(known, 1);
    const tree = kept ?? stackLayers(this.#state.view, choice);
    this.#trees.push(tree);
    const nodes = (): number => this.#trees.reduce((sum, one) => sum + one.tree.count, 0);
    while (this.#trees.length > 1 && nodes() > MAX_KEPT) this.#trees.shift();
    return tree;
  }

  /** Does work that gives an event once the screen is drawn, unless the same is wanted anew before. */
  #later(effect: Effect, milliseconds: number, work: () => Event): void {
    this.#waiting.set(effect.kind, effect);
    setTimeout(() => {
      if (this.#waiting.get(effect.kind) !== effect || this.#controller.signal.aborted) return;
      this.#waiting.delete(effect.kind);
      this.#guard(() => {
        this.receive(work());
      });
    }, milliseconds);
  }

  /** Does work that gives an event; a failure is told at the bottom of the screen. */
  #answer(work: () => Promise<Event>): void {
    this.#running++;
    void work()
      .catch((error: unknown): Event => {
        const { message, hint } = toPithError(error);
        return { kind: 'done', message: hint === undefined ? message : `${message}. ${hint}` };
      })
      .then((event) => {
        this.#running--;
        this.receive(event);
      });
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}

function words(target: string, { files, bytes, leftOut }: Extracted): string {
  const what = `${files} ${files === 1 ? 'file' : 'files'}, ${formatSize(bytes)}, extracted to ${target}`;
  return leftOut === 0 ? what : `${what}; ${leftOut} links that lead out of it or special files left out`;
}
