import { byText } from '../../../core/index.ts';
import { symlink } from '../../files.ts';
import type { Alternative } from '../../derived/alternatives.ts';
import { DONE, type Host, type Result, type Tool, undone } from '../host.ts';
import { known } from '../value.ts';

const FOLDER = '/etc/alternatives';

/** update-alternatives(1): what it would make is made, but for its own records. */
export const updateAlternatives: Tool = (call, host) => {
  const words = call.args.filter((arg) => !/^--(?:quiet|verbose|force|skip-auto|debug)$/.test(arg));
  const [action = '', name = '', path = ''] = words;
  switch (action) {
    case '--install':
      return install(words.slice(1), host);
    case '--set':
    case '--auto':
    case '--remove':
    case '--remove-all':
      return host.alternatives.get(name) ? adjust(action, name, path, host) : { status: 2 };
    case '--list':
      return list(name, host);
    case '--query':
      return query(name, host);
    case '--display':
      return host.alternatives.get(name) ? { status: undefined } : { status: 2, output: known('') };
    default:
      return call.args.some((arg) => arg === '--get-selections') ? { status: undefined } : undone();
  }
};

function adjust(action: string, name: string, path: string, host: Host): Result {
  return change(host, name, () => {
    if (action === '--set') return host.alternatives.choose(name, path);
    if (action === '--auto') return host.alternatives.choose(name, undefined);
    if (action === '--remove') host.alternatives.remove(name, path);
    else host.alternatives.removeAll(name);
    return undefined;
  });
}

function install(words: readonly string[], host: Host): Result {
  const [link = '', name = '', path = '', priority = '', ...rest] = words;
  const slaves: { link: string; name: string; path: string }[] = [];
  for (let at = 0; at < rest.length; at += 4) {
    const [flag, slaveLink = '', slaveName = '', slavePath = ''] = rest.slice(at, at + 4);
    if (flag !== '--slave' && flag !== '--follower') return undone();
    slaves.push({ link: slaveLink, name: slaveName, path: slavePath });
  }
  if (!/^-?\d{1,9}$/.test(priority)) return undone();
  if (!host.tree.file(path)) return undone(`${path} is not in the image`);
  return change(host, name, () =>
    host.alternatives.install({
      name,
      link,
      choice: {
        path,
        priority: Number(priority),
        slaves,
        origin: host.owner.name,
        keepsLink: host.owner.keepsLink,
        mtime: host.owner.newest,
      },
    }),
  );
}

/** @param act gives what is wrong, if something is */
function change(host: Host, name: string, act: () => string | undefined): Result {
  let fault: string | undefined;
  host.change(() => {
    const before = host.alternatives.get(name);
    const links = linksOf(before, host);
    fault = act();
    if (fault === undefined) placeLinks(host.alternatives.get(name), links, host);
  });
  return fault === undefined ? DONE : undone(fault);
}

function list(name: string, { alternatives }: Host): Result {
  const found = alternatives.get(name);
  if (!found) return { status: 2, output: known('') };
  return { status: 0, output: known(found.choices.map(({ path }) => `${path}\n`).join('')) };
}

/** The form that update-alternatives(1) describes under "Query format"; it reads its records, which are in order. */
function query(name: string, { alternatives }: Host): Result {
  const found = alternatives.get(name);
  if (!found) return { status: 2, output: known('') };
  const { link, slaves, choices, chosen, manual } = found;
  const best = [...choices].sort((a, b) => b.priority - a.priority)[0];
  const list = (items: readonly string[]): string[] => (slaves.size > 0 ? ['Slaves:', ...items] : []);
  const lines = [
    `Name: ${name}`,
    `Link: ${link}`,
    ...list(Array.from(slaves, ([slave, place]) => ` ${slave} ${place}`)),
    `Status: ${manual === undefined ? 'auto' : 'manual'}`,
    ...(best ? [`Best: ${best.path}`] : []),
    `Value: ${chosen?.path ?? 'none'}`,
  ];
  for (const choice of [...choices].sort((a, b) => byText(a.path, b.path)))
    lines.push(
      '',
      `Alternative: ${choice.path}`,
      `Priority: ${choice.priority}`,
      ...list(choice.slaves.map((slave) => ` ${slave.name} ${slave.path}`)),
    );
  return { status: 0, output: known(lines.map((line) => `${line}\n`).join('')) };
}

interface Links {
  readonly name: string;
  readonly link: string;
  readonly path: string;
}

/** The links of a group as they should be: the master's, and those of its slaves whose file is there. */
function linksOf(group: Alternative | undefined, { tree }: Host): Links[] {
  const chosen = group?.chosen;
  if (!group || !chosen) return [];
  const slaves = chosen.slaves.map(({ name, path }) => ({ name, path, link: group.slaves.get(name) ?? '' }));
  return [{ name: group.name, link: group.link, path: chosen.path }, ...slaves].filter(
    ({ path, link }) => chosen.keepsLink(link.slice(1)) && tree.file(path),
  );
}

function placeLinks(group: Alternative | undefined, before: readonly Links[], host: Host): void {
  const { tree } = host;
  const wanted = linksOf(group, host);
  for (const { name, link } of before) {
    if (!wanted.some((one) => one.name === name)) removeLink(`${FOLDER}/${name}`, host);
    if (!wanted.some((one) => one.link === link)) removeLink(link, host);
  }
  const chosen = group?.chosen;
  const origin = `alternatives of ${chosen?.origin ?? ''}`;
  for (const { name, link, path } of wanted) {
    placeLink(`${FOLDER}/${name}`, path, origin, chosen?.mtime ?? 0, host);
    const there = tree.linkOrFile(link);
    if (!there || there.type === 'symlink')
      placeLink(link, `${FOLDER}/${name}`, origin, chosen?.mtime ?? 0, host);
  }
}

/** Links get the folders above them, which a package of which not all is there may have left out. */
function placeLink(path: string, target: string, origin: string, mtime: number, { tree }: Host): void {
  const there = tree.linkOrFile(path);
  if (there?.type === 'symlink' && there.linkName === target) return;
  const at = tree.place(path);
  if (at !== undefined && (!there || there.type === 'symlink'))
    tree.put(symlink(at, target, origin, { mtime }));
}

function removeLink(path: string, host: Host): void {
  const at = host.tree.locate(path);
  if (at !== undefined && host.tree.linkOrFile(path)?.type === 'symlink') host.remove(at);
}
