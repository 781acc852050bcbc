/** How a web application is served. */
export interface Service {
  /** The words behind `python3`. */
  readonly words: readonly string[];
  readonly port: number;
  readonly notes: readonly string[];
}

type Serve = (application: string, port: number, installed: ReadonlyMap<string, string>) => string[];

const GUNICORN: Serve = (application, port, installed) => [
  ...['-m', 'gunicorn', application, '--bind', `0.0.0.0:${port}`, ...gunicornFlags([], installed)],
];
const WSGI: readonly (readonly [string, Serve])[] = [
  ['gunicorn', GUNICORN],
  ['waitress', (application, port) => ['-m', 'waitress', `--listen=0.0.0.0:${port}`, application]],
];
const ASGI: readonly (readonly [string, Serve])[] = [
  [
    'uvicorn',
    (application, port) => ['-m', 'uvicorn', application, '--host', '0.0.0.0', '--port', String(port)],
  ],
  ['hypercorn', (application, port) => ['-m', 'hypercorn', application, '--bind', `0.0.0.0:${port}`]],
  ['daphne', (application, port) => ['-m', 'daphne', '-b', '0.0.0.0', '-p', String(port), application]],
];

/**
 * Serves an application by a server that is installed.
 * @param application `module:object`
 * @returns undefined if no server of its protocol is installed
 */
export function serve(
  protocol: 'wsgi' | 'asgi',
  application: string,
  port: number,
  installed: ReadonlyMap<string, string>,
): Service | undefined {
  const found = (protocol === 'wsgi' ? WSGI : ASGI).find(([name]) => installed.has(name));
  return found && { words: found[1](application, port, installed), port, notes: [] };
}

/**
 * What lets gunicorn run on a read-only root: its heartbeat files go to /dev/shm, which is in memory, and from 25.1 on it would
 * make a control socket in the home folder.
 */
function gunicornFlags(words: readonly string[], installed: ReadonlyMap<string, string>): string[] {
  const has = (flag: string): boolean => words.some((word) => word.split('=')[0] === flag);
  const [major = 0, minor = 0] = (installed.get('gunicorn') ?? '').split('.').map(Number);
  const hasControl = major > 25 || (major === 25 && minor >= 1);
  return [
    ...(has('--worker-tmp-dir') ? [] : ['--worker-tmp-dir', '/dev/shm']),
    ...(!hasControl || has('--control-socket') || has('--no-control-socket') ? [] : ['--no-control-socket']),
  ];
}

/** Lets a server that a Procfile starts listen where others reach it. */
export function listenOutside(
  words: readonly string[],
  port: number,
  hasConfig: boolean,
  installed: ReadonlyMap<string, string>,
): string[] {
  const has = (...flags: string[]): boolean =>
    words.some((word) => flags.some((flag) => word === flag || word.startsWith(`${flag}=`)));
  const server = words[0] === '-m' ? words[1] : undefined;
  const more: string[] = [];
  if (server === 'gunicorn') {
    const isConfigured = hasConfig || has('-c', '--config');
    if (!isConfigured && !has('-b', '--bind')) more.push('--bind', `0.0.0.0:${port}`);
    more.push(...gunicornFlags(isConfigured ? ['--worker-tmp-dir', ...words] : words, installed));
  } else if (server === 'uvicorn' || server === 'flask') {
    if (!has('--host', '-h')) more.push('--host', '0.0.0.0');
    if (!has('--port', '-p')) more.push('--port', String(port));
  }
  return [...words, ...more];
}

/** The port among the words of a command line, such as `0.0.0.0:8000` behind `--bind`. */
export function portIn(words: readonly string[]): number | undefined {
  for (const [index, word] of words.entries()) {
    const isFlag = /^(?:-b|--bind|-p|--port)$/.test(words[index - 1] ?? '');
    const value = isFlag ? word : /^--(?:bind|port|listen)=(.*)$/.exec(word)?.[1];
    const port = Number(/(?:^|:)(\d{1,5})$/.exec(value ?? '')?.[1]);
    if (port > 0 && port < 65536) return port;
  }
  return undefined;
}
