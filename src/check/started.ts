import type { ElfFile } from '../inspect/index.ts';
import type { Subject } from './subject.ts';

/** A program that the engine starts. */
export interface Started {
  readonly name: string;
  /** Where the configuration names it. */
  readonly field: string;
  /** The file with its content; undefined if the name leads nowhere. */
  readonly id: number | undefined;
}

/** The programs of entrypoint or command and health check. */
export function startedBy(subject: Subject): Started[] {
  const { command, commandField, run, view } = subject;
  const [kind, check] = run.Healthcheck?.Test ?? [];
  const names = [
    ...(command[0] === undefined ? [] : [{ name: command[0], field: commandField }]),
    ...(kind === 'CMD' && check !== undefined ? [{ name: check, field: 'config.Healthcheck.Test' }] : []),
  ];
  return names.map(({ name, field }) => {
    const found = subject.program(name);
    const id = 'absent' in found ? undefined : (view.tree.contentOf(found.id) ?? found.id);
    return { name, field, id };
  });
}

/** The programs that the image itself starts. */
export function startedIds(subject: Subject): Set<number> {
  return new Set(startedBy(subject).flatMap(({ id }) => (id === undefined ? [] : [id])));
}

/** A program and all libraries that the loader loads for it, the program first; nothing for what is no ELF file. */
export function closureOf({ view, elfFiles }: Subject, id: number): ElfFile[] {
  const loaded = new Map<number, ElfFile>();
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const file = elfFiles.get(next);
    if (!file || loaded.has(next)) continue;
    loaded.set(next, file);
    for (const { path } of file.libraries) {
      const library = path === undefined ? undefined : view.tree.resolve(path);
      const content = library === undefined ? undefined : view.tree.contentOf(library);
      if (content !== undefined) waiting.push(content);
    }
  }
  return [...loaded.values()];
}
