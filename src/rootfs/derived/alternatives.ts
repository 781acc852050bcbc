import { byText } from '../../core/index.ts';
import { isSoundPath } from '../scripts/sound-path.ts';

/** One of the files that a name may stand for (update-alternatives(1)). */
export interface Choice {
  readonly path: string;
  readonly priority: number;
  /** Links that come with it: manual pages and their like. */
  readonly slaves: readonly { readonly link: string; readonly name: string; readonly path: string }[];
  /** Name of the package. */
  readonly origin: string;
  /** Whether the contents rules of the package leave a link in the image, given by its path. */
  readonly keepsLink: (path: string) => boolean;
  /** In seconds since 1970. */
  readonly mtime: number;
}

/** A name and the files that it may stand for. */
export interface Alternative {
  readonly name: string;
  /** Where programs look for it. */
  readonly link: string;
  /** Links of slaves by their names. */
  readonly slaves: ReadonlyMap<string, string>;
  readonly choices: readonly Choice[];
  /** Path that was set by hand. */
  readonly manual: string | undefined;
  /** The choice that the links lead to. */
  readonly chosen: Choice | undefined;
}

interface Group {
  readonly name: string;
  link: string;
  readonly slaves: Map<string, string>;
  choices: Choice[];
  /** Path that was set by hand; without one, the highest priority decides. */
  manual: string | undefined;
  /** Path that the links lead to; it stays where no other has a higher priority. */
  current: string | undefined;
}

/** Names, choices and links that one image may have; a full desktop has a few hundred. */
const MAX_CHOICES = 10_000;

/**
 * The alternatives of an image, as update-alternatives(1) would keep them in /var/lib/dpkg/alternatives. Its actions take
 * effect as there; where one gives what is wrong with it, in words, it has changed nothing.
 */
export class Alternatives {
  readonly #groups = new Map<string, Group>();
  /** The group that a name belongs to, and group and name that a link belongs to. */
  readonly #names = new Map<string, string>();
  readonly #links = new Map<string, string>();
  #count = 0;

  get(name: string): Alternative | undefined {
    const group = this.#groups.get(name);
    return group && { ...group, chosen: chosenOf(group) };
  }

  /** `--install`: adds a choice, or replaces the one with the same path. */
  install(wanted: {
    readonly name: string;
    readonly link: string;
    readonly choice: Choice;
  }): string | undefined {
    const { name, link, choice } = wanted;
    const fault = this.#check(wanted);
    if (fault !== undefined) return fault;
    this.#count += 1 + choice.slaves.length;
    const group = this.#groups.get(name) ?? {
      name,
      link,
      slaves: new Map<string, string>(),
      choices: [],
      manual: undefined,
      current: undefined,
    };
    this.#groups.set(name, group);
    this.#register(name, name, link, group.link);
    group.link = link;
    for (const slave of choice.slaves) {
      this.#register(name, slave.name, slave.link, group.slaves.get(slave.name));
      group.slaves.set(slave.name, slave.link);
    }
    // It keeps its records by path, and appends what is new.
    group.choices.sort((a, b) => byText(a.path, b.path));
    const index = group.choices.findIndex(({ path }) => path === choice.path);
    if (index < 0) group.choices.push(choice);
    else group.choices[index] = choice;
    this.#forgetSlaves(group);
    group.current = chosenOf(group)?.path;
    return undefined;
  }

  /** `--set`, and without a path `--auto`. */
  choose(name: string, path: string | undefined): string | undefined {
    const group = this.#groups.get(name);
    if (!group) return `there are no alternatives of ${name}`;
    if (path !== undefined && !group.choices.some((choice) => choice.path === path))
      return `${path} is no alternative of ${name}`;
    group.manual = path;
    group.current = chosenOf(group)?.path;
    return undefined;
  }

  /** `--remove` */
  remove(name: string, path: string): void {
    const group = this.#groups.get(name);
    if (!group) return;
    group.choices = group.choices.filter((choice) => choice.path !== path);
    if (group.manual === path) group.manual = undefined;
    if (group.choices.length === 0) this.removeAll(name);
    else this.#forgetSlaves(group);
    group.current = chosenOf(group)?.path;
  }

  /** `--remove-all` */
  removeAll(name: string): void {
    const group = this.#groups.get(name);
    for (const [own, link] of group ? [[name, group.link] as const, ...group.slaves] : []) {
      this.#names.delete(own);
      this.#links.delete(link);
    }
    this.#groups.delete(name);
  }

  /** Slaves that no choice has any more are none. */
  #forgetSlaves({ slaves, choices }: Group): void {
    const used = new Set(choices.flatMap((choice) => choice.slaves.map((slave) => slave.name)));
    for (const [name, link] of slaves) {
      if (used.has(name)) continue;
      slaves.delete(name);
      this.#names.delete(name);
      this.#links.delete(link);
    }
  }

  #register(group: string, name: string, link: string, before: string | undefined): void {
    if (before !== undefined) this.#links.delete(before);
    this.#names.set(name, group);
    this.#links.set(link, `${group}/${name}`);
  }

  #check({ name, link, choice }: { name: string; link: string; choice: Choice }): string | undefined {
    if (this.#count + choice.slaves.length >= MAX_CHOICES) return 'there are too many alternatives';
    const all = [{ name, link, path: choice.path }, ...choice.slaves];
    const unsound = all.find((one) => !isName(one.name) || !isPath(one.link) || !isPath(one.path));
    if (unsound) return `${unsound.name} is no sound alternative`;
    if (
      new Set(all.map((one) => one.name)).size < all.length ||
      new Set(all.map((one) => one.link)).size < all.length
    )
      return `${name} has a slave twice`;
    for (const one of all) {
      const owner = this.#names.get(one.name);
      if (owner !== undefined && (owner !== name || (one.name === owner) !== (one === all[0])))
        return `the name ${one.name} belongs to the alternatives of ${owner}`;
      const linked = this.#links.get(one.link);
      if (linked !== undefined && linked !== `${name}/${one.name}`)
        return `${one.link} belongs to the alternatives of ${linked.slice(0, linked.indexOf('/'))}`;
    }
    return undefined;
  }
}

function chosenOf({ choices, manual, current }: Group): Choice | undefined {
  const path = manual ?? current;
  const start = choices.find((choice) => choice.path === path) ?? choices[0];
  if (!start || manual !== undefined) return start;
  return choices.reduce((best, choice) => (choice.priority > best.priority ? choice : best), start);
}

function isName(text: string): boolean {
  return text !== '' && !/[/\s\0]/.test(text) && text !== '.' && text !== '..' && text.length < 256;
}

function isPath(text: string): boolean {
  return text.startsWith('/') && isSoundPath(text) && !text.includes('\n') && !text.split('/').includes('..');
}
