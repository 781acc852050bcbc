/** Credentials for the addresses that an entry covers. */
export interface Entry {
  /** The words after `machine`; undefined for the default entry. */
  machine: string | undefined;
  login: string;
  password: string;
}

/**
 * Parses a netrc file: `machine NAME login USER password SECRET`, `default`, comments at `#`, values in double quotes
 * with backslash escapes (as curl and GNU inetutils read them); `account` and `macdef` are skipped. What makes no
 * sense is skipped: a netrc belongs to other programs too.
 */
export function parseNetrc(text: string): Entry[] {
  const entries: Entry[] = [];
  const tokens = tokensOf(text);
  let entry: Entry | undefined;
  for (let at = 0; at < tokens.length; at++) {
    switch (tokens[at] ?? '') {
      case 'machine':
        entry = { machine: tokens[++at] ?? '', login: '', password: '' };
        entries.push(entry);
        break;
      case 'default':
        entry = { machine: undefined, login: '', password: '' };
        entries.push(entry);
        break;
      case 'login':
        if (entry) entry.login = tokens[++at] ?? '';
        break;
      case 'password':
        if (entry) entry.password = tokens[++at] ?? '';
        break;
      case 'account':
        at++;
        break;
      default:
        break;
    }
  }
  return entries;
}

const TOKEN = /"((?:[^"\\]|\\.)*)"|(\S+)/gs;

function tokensOf(text: string): string[] {
  const withoutMacros = text.replace(/^[ \t]*macdef[ \t][\s\S]*?(?:\n[ \t]*\n|$(?![\s\S]))/gm, '\n');
  return withoutMacros.split('\n').flatMap((line) => {
    const tokens: string[] = [];
    for (const match of line.matchAll(TOKEN)) {
      const quoted = match[1]?.replace(/\\(.)/g, '$1');
      const word = quoted ?? match[2] ?? '';
      if (quoted === undefined && word.startsWith('#')) break;
      tokens.push(word);
    }
    return tokens;
  });
}

/** The first entry for the host, else the default one. */
export function findNetrc(entries: readonly Entry[], url: URL): Entry | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return (
    entries.find((entry) => entry.machine?.toLowerCase() === host) ??
    entries.find((entry) => entry.machine === undefined)
  );
}

const MACHINE = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\[[^\]]*\]|[^/:]*)(?::([0-9]+))?(\/.*)?$/i;

/**
 * The first entry that covers the address, by the rules of apt_auth.conf(5): `machine [protocol://]host[:port][/path]`;
 * without a protocol only https is meant; the path is a prefix, up to any point unless it ends in a slash.
 */
export function findAptAuth(entries: readonly Entry[], url: URL): Entry | undefined {
  return entries.find((entry) => {
    const [, protocol, host, port, path] = MACHINE.exec(entry.machine ?? '') ?? [];
    return (
      host !== undefined &&
      host !== '' &&
      `${protocol?.toLowerCase() ?? 'https'}:` === url.protocol &&
      host.toLowerCase() === url.hostname &&
      (port === undefined || port === (url.port || (url.protocol === 'https:' ? '443' : '80'))) &&
      url.pathname.startsWith(path ?? '')
    );
  });
}
