import { findSecretInVariable, findSecrets } from '../inspect/index.ts';

/** Names of variables that hold what nobody else may know. Of `GPG_KEY` and the like, public keys are the rule. */
const NAME =
  /(?:^|[_.-])(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|SECRET|PRIVATE|SIGNING|ENCRYPTION|MASTER)[_.-]?KEY|SECRET[_.-]?ACCESS[_.-]?KEY)$/i;
/** The shell's own variables of this name are folders. */
const FOLDER = /^(?:OLD)?PWD$/;
/** What stands where a secret will be put, or says that there is none. */
const HARMLESS =
  /^(?:|true|false|yes|no|none|null|nil|undefined|\d{1,5}|\*+|<.*>|\$\{?\w+.*|\/.*|\.{1,2}\/.*|file:.*)$/i;

/**
 * What kind of secret a variable seems to hold; nothing if it holds none.
 * @returns words for a message: never the secret
 */
export function secretIn(name: string, value: string): string | undefined {
  const found = findSecretInVariable(name, value);
  if (found) return wordsOf(found.type);
  return NAME.test(name) && !FOLDER.test(name) && !HARMLESS.test(value.trim())
    ? 'a secret by its name'
    : undefined;
}

/** What kind of token a text holds; nothing if it holds none. */
export function tokenIn(text: string): string | undefined {
  const [found] = findSecrets(Buffer.from(text));
  return found && wordsOf(found.type);
}

/** `aws-access-key` in words. */
function wordsOf(type: string): string {
  return `a secret (${type.replaceAll('-', ' ')})`;
}
