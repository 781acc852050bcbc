export interface NodeArguments {
  readonly flags: readonly string[];
  readonly file: string | undefined;
  readonly args: readonly string[];
  readonly notes: readonly string[];
}

/** Options of node(1) whose value is the next word. */
const WITH_VALUE = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--env-file',
  '--env-file-if-exists',
  '--title',
  '--icu-data-dir',
  '--openssl-config',
  '--disable-warning',
  '--watch-path',
]);
/** Options that run something else than a file. */
const NO_FILE = /^(?:-e|--eval|-p|--print|-pe|-i|--interactive|--run|--test|-c|--check|-)(?:=|$)/;

/** Sorts the words behind `node`: what is for Node.js, the file, and what is for that. */
export function readNodeArguments(words: readonly string[]): NodeArguments {
  const flags: string[] = [];
  const notes: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (NO_FILE.test(word)) break;
    if (word === '--' || !word.startsWith('-')) {
      const at = word === '--' ? index + 1 : index;
      return { flags, file: words[at], args: words.slice(at + 1), notes };
    }
    const value = WITH_VALUE.has(word) ? words[++index] : undefined;
    const why = reasonToDrop(word);
    if (why !== undefined) notes.push(`\`${[word, value].join(' ').trim()}\` is left out: ${why}`);
    else flags.push(word, ...(value === undefined ? [] : [value]));
  }
  return { flags, file: undefined, args: [], notes };
}

function reasonToDrop(flag: string): string | undefined {
  if (flag.startsWith('--env-file')) return 'give the container its variables when it runs';
  if (flag.startsWith('--watch')) return 'nothing changes in an image';
  if (flag.startsWith('--inspect')) return 'a debugger does not belong in production';
  return undefined;
}
