import { randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PithError, systemCode, throwIfInterrupted } from '../../core/index.ts';
import type { LocationContext, Writer } from '../contract.ts';
import { makeFolders } from '../files.ts';

/** How often the holder of a lock shows that it lives, in milliseconds. */
const HEARTBEAT = 5_000;
/** How long the holder may show nothing before its lock is broken, in milliseconds of the waiting process. */
const PATIENCE = 30_000;
/** What link(2) says where there are no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];
const POLL = { first: 5, most: 100 };

/** A lock that this process holds. */
export interface Lock {
  /** Fails (OUTPUT_FAILED) if another process has broken the lock since, as it may if this one was stopped for long. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes a lock: a file, in a folder made if need be, that only one process can create. A lock is broken if its process is dead (same host),
 * or if it has shown no sign of life for half a minute; never by the wall clock, which hosts may disagree about.
 */
export async function takeLock(
  path: string,
  { writer, signal }: Pick<LocationContext, 'writer' | 'signal'>,
  patience = PATIENCE,
): Promise<Lock> {
  const token = JSON.stringify({ pid: writer.pid, host: writer.host, id: randomUUID() });
  let seen = '';
  let since = performance.now();
  for (let delay = POLL.first; ; delay = Math.min(delay * 2, POLL.most)) {
    throwIfInterrupted(signal);
    await makeFolders(dirname(path));
    const holder = await look(path);
    if (!holder) {
      if (await create(path, token)) return hold(path, token);
      continue;
    }
    const sign = `${holder.text} ${holder.mtimeMs}`;
    if (sign !== seen) [seen, since] = [sign, performance.now()];
    if (isDead(holder.text, writer) || performance.now() - since > patience)
      await breakLock(path, holder.text);
    else await sleep(delay);
  }
}

/** Makes the file with its text in one step, so that whoever sees it sees whose it is; false if it is there already. */
async function create(path: string, text: string): Promise<boolean> {
  const own = `${path}-${randomUUID()}`;
  try {
    await writeFile(own, text, { flag: 'wx' });
    await link(own, path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (NO_LINKS.includes(code)) return await createWithoutLinks(path, text);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** As create, on file systems without hard links: there is a moment in which the file has no text yet. */
async function createWithoutLinks(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || systemCode(error) === 'ENOENT') return false;
    await removeOwn(path, ['', text]);
    throw error;
  }
}

async function look(path: string): Promise<{ text: string; mtimeMs: number } | undefined> {
  try {
    return { text: await readFile(path, 'utf8'), mtimeMs: (await stat(path)).mtimeMs };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isDead(text: string, writer: Writer): boolean {
  const holder = /^\{"pid":(\d{1,10}),"host":(".*?"),"id":/.exec(text);
  return holder?.[2] === JSON.stringify(writer.host) && !writer.isAlive(Number(holder[1]));
}

/** Removes the lock if it still says `text`; a second lock sees to it that only one process does so at a time. */
async function breakLock(path: string, text: string): Promise<void> {
  const guard = `${path}-break`;
  if (!(await create(guard, ''))) {
    await sleep(POLL.most);
    const left = await look(guard);
    if (left && Date.now() - left.mtimeMs > PATIENCE) await rm(guard, { force: true });
    return;
  }
  try {
    await removeOwn(path, [text]);
  } finally {
    await rm(guard, { force: true });
  }
}

async function removeOwn(path: string, texts: readonly string[]): Promise<void> {
  const holder = await look(path);
  if (holder && texts.includes(holder.text)) await rm(path, { force: true });
}

function hold(path: string, token: string): Lock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT);
  heartbeat.unref();
  return {
    async check() {
      if ((await look(path))?.text === token) return;
      throw new PithError('OUTPUT_FAILED', `${path}: another process took over the lock`, {
        path,
        hint: 'This process was stopped for long; run the command again.',
      });
    },
    async release() {
      clearInterval(heartbeat);
      await removeOwn(path, [token]);
    },
  };
}
