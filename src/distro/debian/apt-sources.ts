import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PithError } from '../../core/index.ts';
import { parseStanzas, wordsOf } from './deb822.ts';

/** One source of binary packages that apt is set up with. */
export interface AptSource {
  /** http, https or file, without a slash at the end. */
  uri: string;
  suites: readonly string[];
  components: readonly string[];
}

/**
 * Reads the machine's apt sources (sources.list(5)): sources.list, then the parts in sources.list.d in the order of
 * their names, as apt does. Files that are absent or make no sense are left out: they are apt's business.
 *
 * @param root - the folder that holds etc/apt
 */
export function readAptSources(root: string): AptSource[] {
  const folder = join(root, 'etc/apt');
  const parts = orAbsent(() => readdirSync(join(folder, 'sources.list.d'))) ?? [];
  const paths = [
    'sources.list',
    ...parts
      .filter((name) => /^[A-Za-z0-9_.-]+\.(?:list|sources)$/.test(name))
      .sort()
      .map((name) => join('sources.list.d', name)),
  ];
  const sources: AptSource[] = [];
  for (const path of paths) {
    const text = orAbsent(() => readFileSync(join(folder, path), 'utf8'));
    if (text === undefined) continue;
    sources.push(...(path.endsWith('.sources') ? parseSourcesFile(text, path) : parseListFile(text)));
  }
  return sources;
}

/** What cannot be read counts as absent. */
function orAbsent<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Parses the one-line form: `deb [options] uri suite component…`. */
export function parseListFile(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)((?:\s+\S+)*)\s*$/.exec(line.replace(/#.*/, ''));
    const [, uri = '', suite = '', components = ''] = match ?? [];
    return sourceOf(uri, [suite], components.split(/\s+/));
  });
}

/**
 * Parses the deb822 form.
 *
 * @param origin - the file, for messages
 */
export function parseSourcesFile(text: string, origin: string): AptSource[] {
  try {
    return parseStanzas(text, { origin, code: 'ARCHIVE_INVALID', comments: true }).flatMap((stanza) => {
      const isOff = /^(?:no|false|0|off|without|disable)$/i.test(stanza.get('enabled') ?? 'yes');
      if (isOff || !wordsOf(stanza, 'types').includes('deb')) return [];
      return wordsOf(stanza, 'uris').flatMap((uri) =>
        sourceOf(uri, wordsOf(stanza, 'suites'), wordsOf(stanza, 'components')),
      );
    });
  } catch (error) {
    if (error instanceof PithError) return [];
    throw error;
  }
}

/** Leaves out transports of apt's own (cdrom, mirror+…, tor+…), addresses with variables, and flat archives. */
function sourceOf(uri: string, suites: readonly string[], components: readonly string[]): AptSource[] {
  const named = suites.filter((suite) => suite !== '' && !suite.endsWith('/'));
  if (!/^(?:https?|file):\/*[^\s$]+$/.test(uri) || !URL.canParse(uri) || named.length === 0) return [];
  const normal = uri.startsWith('file:') ? new URL(uri).href : uri;
  return [
    { uri: normal.replace(/\/+$/, ''), suites: named, components: components.filter((word) => word !== '') },
  ];
}
