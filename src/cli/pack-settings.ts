import { isDuration, isProbeUrl, isUser, type PackSettings } from '../build/index.ts';
import { PithError } from '../core/index.ts';
import { formatPlatform, parsePlatform } from '../oci/index.ts';
import type { PackFlags } from './flags.ts';

/**
 * What the options of `pith pack` say of the image.
 * @throws PithError USAGE for what no image could be told
 */
export function settingsOf(flags: PackFlags): PackSettings {
  const { binary, env, label, port, entrypoint, cmd } = flags;
  return {
    extends: flags.base,
    kind: flags.kind,
    main: flags.main,
    user: userOf(flags),
    workdir: workdirOf(flags),
    packages: flags.package,
    entrypoint: wordsOf(entrypoint, '--entrypoint'),
    cmd: wordsOf(cmd, '--cmd'),
    ports: port?.map(checkPort),
    healthcheck: healthcheckOf(flags),
    env: env && pairs(env, '--env'),
    labels: label && pairs(label, '--label'),
    binaries: binary && binariesOf(binary),
  };
}

/** What is empty would be root: nobody means that who writes `--user "$UNSET"`. */
function userOf({ user }: PackFlags): string | undefined {
  if (user === undefined || isUser(user)) return user;
  throw new PithError('USAGE', `--user ${JSON.stringify(user)} names nobody`, {
    hint: 'Write UID[:GID] or a name; without it, 65532 runs. Root is 0.',
  });
}

function workdirOf({ workdir }: PackFlags): string | undefined {
  if (workdir === undefined || /^\/(?!(?:.*\/)?\.\.(?:\/|$))/.test(workdir)) return workdir;
  throw new PithError('USAGE', `--workdir ${JSON.stringify(workdir)} is no folder of the image`, {
    hint: 'Write an absolute path without .., such as /app.',
  });
}

/** `["a", "b"]`, or words that blanks part: there is no shell that would read more into them. */
function wordsOf(text: string | undefined, option: string): string[] | undefined {
  if (text === undefined) return undefined;
  if (!text.startsWith('[')) return text.split(/\s+/).filter((word) => word !== '');
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // Said below.
  }
  throw new PithError('USAGE', `${option} is no list of texts: ${text}`, {
    hint: `Write it as ${option} '["/app/server", "--verbose"]'.`,
  });
}

function healthcheckOf(flags: PackFlags): PackSettings['healthcheck'] {
  const { healthcheck, healthInterval, healthTimeout, healthStartPeriod, healthRetries } = flags;
  const times = { interval: healthInterval, timeout: healthTimeout, startPeriod: healthStartPeriod };
  const wrong = Object.values(times).find((time) => time !== undefined && !isDuration(time));
  if (wrong !== undefined)
    throw new PithError('USAGE', `${JSON.stringify(wrong)} is no time`, { hint: 'Write 30s, or 1m30s.' });
  const more = { ...times, retries: healthRetries };
  if (healthcheck === undefined) {
    if (Object.values(more).every((value) => value === undefined)) return undefined;
    throw new PithError('USAGE', 'there is no health check that these times are for', {
      hint: 'Give one, such as `--healthcheck http://:8080/health`.',
    });
  }
  if (healthcheck.trim() === '')
    throw new PithError('USAGE', '--healthcheck asks nothing', {
      hint: 'Write http://:8080/health, tcp://:5432, or a command of the application.',
    });
  if (!/^[a-z]+:\/\//.test(healthcheck)) return { test: wordsOf(healthcheck, '--healthcheck'), ...more };
  if (isProbeUrl(healthcheck)) return { url: healthcheck, ...more };
  throw new PithError('USAGE', `--healthcheck ${healthcheck} is no address in the container`, {
    hint: 'Write http://:8080/health or tcp://:5432; for anything else, a command of the application.',
  });
}

function checkPort(text: string): string {
  const [, port = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (Number(port) >= 1 && Number(port) <= 65_535) return `${Number(port)}/${protocol}`;
  throw new PithError('USAGE', `${JSON.stringify(text)} is no port`, { hint: 'Write 8080, or 53/udp.' });
}

function pairs(texts: readonly string[], option: string, form = 'NAME=VALUE'): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new PithError('USAGE', `${option} ${text}: there is no value`, {
        hint: `Write ${option} ${form}.`,
      });
    }),
  );
}

/** Programs by platform, each named once. */
export function binariesOf(texts: readonly string[]): Record<string, string> {
  const binaries = Object.entries(
    pairs(texts, '--binary', 'PLATFORM=FILE, such as linux/amd64=dist/server'),
  ).map(([platform, path]) => [formatPlatform(parsePlatform(platform)), path] as const);
  if (new Set(binaries.map(([platform]) => platform)).size === texts.length)
    return Object.fromEntries(binaries);
  throw new PithError('USAGE', '--binary names a platform twice', { hint: 'Name one program for each.' });
}
