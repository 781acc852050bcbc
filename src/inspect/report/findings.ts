import { byText } from '../../core/index.ts';
import type { AccountsFact, PasswordsFact } from '../facts.ts';
import type { FileEntry } from '../model.ts';
import type { ImageView } from '../view.ts';
import { readCapabilities } from './capabilities.ts';
import type { InspectSummary } from './inspect-schema.ts';

const SETUID = 0o4000;
const SETGID = 0o2000;
const CAPABILITY = 'security.capability';

/** A path as reports have it: from `/`. */
export function absolute(path: string): string {
  return path === '.' ? '/' : `/${path}`;
}

/** Four octal digits. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** RFC 3339, in UTC, of seconds since 1970; as near as dates go for what lies outside of them. */
export function formatDate(seconds: number): string {
  const limit = 8_640_000_000_000;
  const date = new Date(Math.min(limit, Math.max(-limit, Math.floor(seconds))) * 1000);
  return date.toISOString().replace('.000Z', 'Z');
}

type Findings = Pick<
  InspectSummary,
  'users' | 'groups' | 'setuid' | 'capabilities' | 'tools' | 'certificates' | 'secrets'
>;

/** What was found in the files of an image, in the order of paths. */
export function reportFindings(view: ImageView): Findings {
  return {
    users: usersOf(view),
    groups: groupsOf(view),
    ...privilegesOf(view),
    tools: view
      .found('tool')
      .map(({ path, fact: { category, tool } }) => ({ path: absolute(path), category, tool }))
      .sort(byPath),
    certificates: certificatesOf(view),
    secrets: secretsOf(view),
  };
}

function usersOf(view: ImageView): Findings['users'] {
  const passwords = factAt(view, '/etc/shadow', 'passwords');
  const states = new Map(passwords?.passwords.map(({ name, state }) => [name, state]));
  const accounts = factAt(view, '/etc/passwd', 'accounts')?.accounts ?? [];
  return accounts.map(({ name, uid, gid, home, shell, emptyPassword }) => ({
    name,
    uid,
    gid,
    home,
    shell,
    password: emptyPassword ? 'empty' : (states.get(name) ?? 'unknown'),
  }));
}

function groupsOf(view: ImageView): Findings['groups'] {
  const groups = factAt(view, '/etc/group', 'groups')?.groups ?? [];
  return groups.map(({ name, gid, members }) => ({ name, gid, members: [...members] }));
}

interface FactsAt {
  accounts: AccountsFact;
  passwords: PasswordsFact;
  groups: Extract<ReturnType<ImageView['tree']['facts']>[number], { kind: 'groups' }>;
}

/** What was found in the file that a path leads to. */
function factAt<Kind extends keyof FactsAt>(
  view: ImageView,
  path: string,
  kind: Kind,
): FactsAt[Kind] | undefined {
  const id = view.file(path)?.id;
  const facts = id === undefined ? [] : view.tree.facts(id);
  return facts.find((fact): fact is FactsAt[Kind] => fact.kind === kind);
}

function privilegesOf({ tree }: ImageView): Pick<Findings, 'setuid' | 'capabilities'> {
  const setuid: Findings['setuid'] = [];
  const capabilities: Findings['capabilities'] = [];
  for (let id = 0; id < tree.count; id++) {
    const at = tree.entryNumber(id);
    const columns = tree.layers[tree.layer(id)]?.entries.columns;
    if (at === undefined || !columns) continue;
    // Only few files are worth an object.
    const isSpecial = ((columns.modes[at] ?? 0) & (SETUID | SETGID)) !== 0 || columns.xattrs.has(at);
    if (!isSpecial || !tree.isThere(id) || tree.contentOf(id) === undefined) continue;
    const file = tree.file(id);
    if ((file.mode & (SETUID | SETGID)) !== 0) setuid.push(setuidOf(file));
    const value = file.xattrs?.[CAPABILITY];
    const read = value && readCapabilities(value);
    if (read) capabilities.push({ path: absolute(file.path), capabilities: read.text, rootId: read.rootId });
  }
  return { setuid: setuid.sort(byPath), capabilities: capabilities.sort(byPath) };
}

function setuidOf({ path, mode, uid, gid }: FileEntry): Findings['setuid'][number] {
  return {
    path: absolute(path),
    mode: octal(mode),
    uid,
    gid,
    setuid: (mode & SETUID) !== 0,
    setgid: (mode & SETGID) !== 0,
  };
}

function certificatesOf(view: ImageView): Findings['certificates'] {
  const found = view.found('certificates').flatMap(({ path, fact }) =>
    fact.certificates.map((one) => ({
      path: absolute(path),
      subject: one.subject,
      issuer: one.issuer,
      notBefore: formatDate(one.notBefore),
      notAfter: formatDate(one.notAfter),
      isAuthority: one.isAuthority,
      fingerprint: one.fingerprint,
    })),
  );
  return found.sort(byPath);
}

/** Those of all layers: what a higher layer removes is still in the image. */
function secretsOf({ contents, tree }: ImageView): Findings['secrets'] {
  const found: Findings['secrets'] = [];
  for (const [layer, { entries, facts }] of contents.layers.entries())
    for (const [at, some] of facts)
      for (const fact of some) {
        if (fact.kind !== 'secrets') continue;
        const id = tree.resolve(entries.path(at), { followLast: false });
        const removed = id === undefined || tree.layer(id) !== layer || tree.entryNumber(id) !== at;
        const path = absolute(entries.path(at));
        for (const { type, line, hint } of fact.secrets)
          found.push({ path, layer, removed, type, line, hint });
      }
  return found.sort((a, b) => byPath(a, b) || a.layer - b.layer || a.line - b.line);
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return byText(a.path, b.path);
}
