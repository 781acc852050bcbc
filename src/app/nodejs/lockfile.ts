import { faultAt, invalid, parseJson, parseYaml, placeAt, readText } from '../common/documents.ts';
import { isFields, type Fields } from '../common/values.ts';
import type { Project } from '../model.ts';

const MAX_SIZE = 64 << 20;
/** Larger ones are read line by line only: parsing YAML takes half a second for a megabyte. */
const MAX_PARSED = 256 << 10;
const REPAIR = 'Take it from version control, or let the package manager write it anew: `';

/** Files in which package managers of Node.js keep what they installed. */
export type LockfileName = 'npm-shrinkwrap.json' | 'package-lock.json' | 'pnpm-lock.yaml' | 'yarn.lock';

const WRITERS: Readonly<Record<LockfileName, string>> = {
  'npm-shrinkwrap.json': 'npm shrinkwrap',
  'package-lock.json': 'npm install --package-lock-only',
  'pnpm-lock.yaml': 'pnpm install --lockfile-only',
  'yarn.lock': 'yarn install',
};

/**
 * Text of a lockfile that is whole. What a later version of its package manager may have put into it is no fault.
 * @throws PithError APP_INVALID with line and column for one that is damaged
 */
export async function readLockfile(project: Project, path: LockfileName): Promise<string> {
  const text = (await readText(project, path, MAX_SIZE)) ?? '';
  const hint = `${REPAIR}${WRITERS[path]}\`.`;
  const conflict = /^(?:<{7}|>{7}) /m.exec(text);
  if (conflict) throw faultAt(path, placeAt(text, conflict.index), 'a conflict of git is not solved', hint);
  if (path.endsWith('.json')) checkNpm(path, parseJson(text, path, hint), hint);
  // Both write an empty one where there is nothing to install.
  else if (text.trim() === '') return text;
  else if (path === 'yarn.lock' && !/^__metadata:/m.test(text)) checkYarn(path, text, hint);
  else await checkYaml(path, text, hint);
  return text;
}

/** Objects by the places of packages (`packages`) or their names (`dependencies`), in all versions that there are. */
function checkNpm(path: LockfileName, lockfile: Fields, hint: string): void {
  for (const section of ['packages', 'dependencies'])
    if (Object.hasOwn(lockfile, section) && !isFields(lockfile[section]))
      throw invalid(`${path}: ${JSON.stringify(section)} holds no object`, hint, path);
}

/** What pnpm and Yarn from 2 on write: a key at the start of each line that is not indented. */
async function checkYaml(path: LockfileName, text: string, hint: string): Promise<void> {
  if (!/^(?:__metadata|["']?lockfileVersion["']?) *:/m.test(text))
    throw invalid(`${path} is no such lockfile`, hint, path);
  if (text.length <= MAX_PARSED) {
    for (const one of await parseYaml(text, path, hint))
      if (one !== null && !isFields(one)) throw invalid(`${path} holds no object`, hint, path);
    return;
  }
  checkLines(
    path,
    text,
    /^(?: .*|(?:"[^"]*"|'[^']*'|[^\s"'][^"']*):(?: .*)?|(?:---|\.\.\.)(?: .*)?|#.*|)$/,
    hint,
  );
}

const WORD = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s"#,][^\s",]*)`;
/** A line of Yarn 1: a list of requests with a colon, or a field below it, indented by two (yarn's `stringify`). */
const YARN_LINE = new RegExp(
  String.raw`^(?:#.*|\s*|${WORD}(?:, ${WORD})*:\s*|(?: {2})+${WORD}(?::| +(?:"(?:[^"\\]|\\.)*"|[^\s"]\S*))\s*)$`,
);

function checkYarn(path: LockfileName, text: string, hint: string): void {
  if (!/^# yarn lockfile v\d/m.test(text)) throw invalid(`${path} is no such lockfile`, hint, path);
  checkLines(path, text, YARN_LINE, hint);
}

/** Whether each line can be one of such a file, and the last one is whole. */
function checkLines(path: LockfileName, text: string, line: RegExp, hint: string): void {
  let at = 0;
  for (const one of text.split('\n')) {
    if (one.includes('\0') || !line.test(one.endsWith('\r') ? one.slice(0, -1) : one))
      throw faultAt(
        path,
        placeAt(text, at),
        `${JSON.stringify(one.slice(0, 60))} is no line of a lockfile`,
        hint,
      );
    at += one.length + 1;
  }
}
