import { text as readAll } from 'node:stream/consumers';
import { PithError } from '../../core/index.ts';
import {
  listLogins,
  logIn,
  logOut,
  type LocationContext,
  type Login,
  type LogoutReport,
} from '../../location/index.ts';
import { ask } from '../ask.ts';
import type { LoginFlags, LogoutFlags } from '../flags.ts';
import { formatTable } from '../format.ts';
import { withLocations } from '../locations.ts';

const DOCKER_HUB = 'docker.io';
/** The name by which Docker marks an identity token. */
const TOKEN_USER = '<token>';

/** `pith login`: keeps a credential that the registry takes, or lists those that there are. */
export async function login(target: string | undefined, flags: LoginFlags): Promise<void> {
  if (flags.list) {
    await list(flags);
    return;
  }
  const registry = withoutScheme(target ?? DOCKER_HUB);
  const credential = await askFor(registry, flags);
  const report = await withLocations(flags, ({ locations }) =>
    logIn(registry, credential, locations, { isDocker: flags.docker ?? false }),
  );
  if (flags.json) process.stdout.write(`${JSON.stringify({ registry, ...report })}\n`);
  else process.stdout.write(`Logged in to ${registry}; kept in ${report.place}\n`);
  if (report.hiddenBy !== undefined)
    process.stderr.write(`pith: ${report.hiddenBy} is asked before it, and says something else\n`);
}

/** `pith logout`: forgets the credentials for a registry, or all. */
export async function logout(target: string | undefined, flags: LogoutFlags): Promise<void> {
  if (flags.all && target !== undefined)
    throw new PithError('USAGE', '--all and a registry exclude each other', { hint: 'Give one of them.' });
  const reports = await withLocations(flags, async ({ locations }) => {
    const targets = flags.all
      ? [...new Set((await listLogins(locations)).map((known) => known.target))]
      : [withoutScheme(target ?? DOCKER_HUB)];
    const done = [];
    for (const registry of targets)
      done.push({ registry, ...(await forget(registry, locations, flags.docker ?? false)) });
    return done;
  });
  if (flags.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
  for (const { registry, places, left } of reports) {
    if (!flags.json)
      process.stdout.write(
        places.length === 0
          ? `There were no credentials of ours for ${registry}\n`
          : `Removed the credentials for ${registry} from ${places.join(', ')}\n`,
      );
    if (left !== undefined)
      process.stderr.write(
        `pith: there still are credentials for ${registry} in ${left}; --docker removes Docker's own\n`,
      );
  }
}

/** Forgets what is ours, and with `withDocker` what Docker keeps for itself. */
async function forget(
  registry: string,
  locations: LocationContext,
  withDocker: boolean,
): Promise<LogoutReport> {
  const ours = await logOut(registry, locations);
  if (!withDocker) return ours;
  const { places, left } = await logOut(registry, locations, { isDocker: true });
  return { places: [...new Set([...ours.places, ...places])], left };
}

async function list(flags: LoginFlags): Promise<void> {
  const logins = await withLocations(flags, ({ locations }) => listLogins(locations));
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(logins, null, 2)}\n`);
    return;
  }
  process.stdout.write(
    formatTable(
      [{ title: 'REGISTRY' }, { title: 'USER' }, { title: 'PLACE' }],
      logins.map(({ target, username, place }) => [target, username ?? '(token)', place]),
    ),
  );
}

async function askFor(registry: string, flags: LoginFlags): Promise<Login> {
  if (flags.password !== undefined && flags.passwordStdin)
    throw new PithError('USAGE', '--password and --password-stdin exclude each other', {
      hint: 'Prefer --password-stdin: others can see the arguments of a program.',
    });
  const username = flags.username ?? (await askOrSay(`User of ${registry}: `, false, '--username'));
  const password = flags.passwordStdin
    ? (await readAll(process.stdin)).replace(/\r?\n$/, '')
    : (flags.password ?? (await askOrSay('Password: ', true, '--password-stdin')));
  return username === TOKEN_USER ? { identityToken: password } : { username, password };
}

/** Asks on the terminal. @throws USAGE where there is none */
async function askOrSay(prompt: string, silent: boolean, option: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new PithError('USAGE', `${option} is missing, and there is no terminal to ask on`, {
      hint: 'In scripts: `pith login REGISTRY --username NAME --password-stdin < FILE`.',
    });
  return await ask(prompt, { silent });
}

/** People copy addresses. */
function withoutScheme(target: string): string {
  return target.replace(/^(?:https?|docker):\/\//, '').replace(/\/+$/, '');
}
