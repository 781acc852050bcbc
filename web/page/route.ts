/** What the page shows: the part behind `#` in its address. */
export interface Route {
  readonly view: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Values that stand for a view when they come first: `#path=/usr/lib` is `#files` with a path. */
const VIEW_OF: Readonly<Record<string, string>> = {
  path: 'files',
  package: 'packages',
  layer: 'layers',
  rule: 'findings',
};

/** Reads `#layers`, `#path=/usr/lib`, `#files&q=ssl&sort=size`. What cannot be read is left out. */
export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#/, '').split('&').filter(Boolean);
  const values: Record<string, string> = {};
  for (const part of parts) {
    const at = part.indexOf('=');
    if (at > 0) values[part.slice(0, at)] = decode(part.slice(at + 1));
  }
  const first = parts[0] ?? '';
  const name = first.split('=')[0] ?? '';
  return { view: first.includes('=') ? (VIEW_OF[name] ?? 'overview') : first || 'overview', values };
}

/** The reverse of {@link parseRoute}. Values that are undefined or empty are left out. */
export function formatRoute(
  view: string,
  values: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const lead = pairs.find(([name]) => VIEW_OF[name] === view);
  const rest = pairs.filter((pair) => pair !== lead);
  const first = lead ? pairText(lead) : view;
  return `#${[first, ...rest.map(pairText)].join('&')}`;
}

function pairText([name, value]: [string, string | number | undefined]): string {
  return `${name}=${encodeURIComponent(value ?? '').replaceAll('%2F', '/')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
