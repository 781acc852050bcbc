import type { SeenFile } from './script-tree.ts';
import type { Value } from './value.ts';

/** What tests ask of files and programs; undefined for what is not known. */
export interface TestContext {
  /** The file that a path leads to, or the link itself; null if there is none. */
  readonly find: (path: string, follows: boolean) => SeenFile | null | undefined;
  /** Whether a program that installations always have lies at a path. */
  readonly isProgram: (path: string) => boolean;
}

type Truth = boolean | undefined;

const UNARY = /^-[abcdefghknprstuwxzGLNOS]$/;
const BINARY: ReadonlySet<string> = new Set('= == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef'.split(' '));

/** The words of `[` or `test` without the closing bracket (POSIX.1-2017, XCU test). */
export function evaluateTest(words: readonly Value[], context: TestContext): Truth {
  const reader = new TestReader(words, context);
  return reader.read();
}

class TestReader {
  readonly #words: readonly Value[];
  readonly #context: TestContext;
  #at = 0;

  constructor(words: readonly Value[], context: TestContext) {
    this.#words = words;
    this.#context = context;
  }

  read(): Truth {
    const { length } = this.#words;
    if (length === 0) return false;
    if (length === 1) return isFilled(this.#words[0]);
    // Of three words, the one in the middle decides: `[ ! = x ]` and `[ -f = -f ]` compare.
    if (length === 3 && this.#isBinary(1)) return this.#compare();
    const truth = this.#or();
    return this.#at === length ? truth : undefined;
  }

  #or(): Truth {
    let truth = this.#and();
    while (this.#take('-o')) truth = or(truth, this.#and());
    return truth;
  }

  #and(): Truth {
    let truth = this.#not();
    while (this.#take('-a')) truth = not(or(not(truth), not(this.#not())));
    return truth;
  }

  #not(): Truth {
    let isNegated = false;
    while (!this.#isBinary(this.#at + 1) && this.#at < this.#words.length - 1 && this.#take('!'))
      isNegated = !isNegated;
    const truth = this.#primary();
    return isNegated ? not(truth) : truth;
  }

  #primary(): Truth {
    if (this.#isBinary(this.#at + 1)) return this.#compare();
    if (this.#take('(')) {
      const truth = this.#or();
      return this.#take(')') ? truth : undefined;
    }
    const word = this.#words[this.#at++];
    const operand = this.#words[this.#at];
    if (!word?.known || !UNARY.test(word.text) || operand === undefined) return isFilled(word);
    this.#at++;
    return evaluateUnary(word.text, operand, this.#context);
  }

  #compare(): Truth {
    const [left, operator, right] = this.#words.slice(this.#at, this.#at + 3);
    this.#at += 3;
    return left && operator && right ? evaluateBinary(operator.text, left, right, this.#context) : undefined;
  }

  #isBinary(at: number): boolean {
    const word = this.#words[at];
    return word?.known === true && BINARY.has(word.text) && at + 1 < this.#words.length;
  }

  #take(text: string): boolean {
    const word = this.#words[this.#at];
    if (!word?.known || word.text !== text) return false;
    this.#at++;
    return true;
  }
}

/** `-d PATH`, `-z TEXT` and their like. */
export function evaluateUnary(operator: string, { text, known }: Value, context: TestContext): Truth {
  if (!known) return undefined;
  if (operator === '-z') return text === '';
  if (operator === '-n') return text !== '';
  if (operator === '-t') return false;
  if (text === '') return false;
  if (['-e', '-f', '-x', '-r', '-a'].includes(operator) && context.isProgram(text)) return true;
  const isLink = operator === '-h' || operator === '-L';
  const file = context.find(text, !isLink);
  if (file === undefined) return undefined;
  if (file === null) return false;
  switch (operator) {
    case '-a':
    case '-e':
    case '-r':
    case '-w':
      return true;
    case '-f':
      return file.type === 'file' || file.type === 'hardlink';
    case '-d':
      return file.type === 'directory';
    case '-h':
    case '-L':
      return file.type === 'symlink';
    case '-x':
      return file.type === 'directory' || (file.mode & 0o111) !== 0;
    case '-s':
      return file.type === 'directory' || file.size > 0;
    case '-u':
      return (file.mode & 0o4000) !== 0;
    case '-g':
      return (file.mode & 0o2000) !== 0;
    case '-k':
      return (file.mode & 0o1000) !== 0;
    case '-O':
      return file.uid === 0;
    case '-G':
      return file.gid === 0;
    case '-b':
    case '-c':
    case '-p':
    case '-S':
      return false;
    default:
      return undefined;
  }
}

/** `TEXT = TEXT`, `NUMBER -lt NUMBER` and their like; texts are compared as they are. */
export function evaluateBinary(operator: string, left: Value, right: Value, context: TestContext): Truth {
  if (!left.known || !right.known) return undefined;
  switch (operator) {
    case '=':
    case '==':
      return left.text === right.text;
    case '!=':
      return left.text !== right.text;
    case '<':
      return left.text < right.text;
    case '>':
      return left.text > right.text;
    case '-nt':
    case '-ot':
    case '-ef': {
      const one = context.find(left.text, true);
      const other = context.find(right.text, true);
      return one === null && other === null ? false : undefined;
    }
  }
  const [a, b] = [left.text, right.text].map((text) => text.trim());
  if (![a, b].every((text) => /^[-+]?\d{1,15}$/.test(text ?? ''))) return undefined;
  const order = Number(a) - Number(b);
  switch (operator) {
    case '-eq':
      return order === 0;
    case '-ne':
      return order !== 0;
    case '-lt':
      return order < 0;
    case '-le':
      return order <= 0;
    case '-gt':
      return order > 0;
    case '-ge':
      return order >= 0;
    default:
      return undefined;
  }
}

function isFilled(value: Value | undefined): Truth {
  return value?.known === false ? undefined : (value?.text ?? '') !== '';
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

export function or(a: Truth, b: Truth): Truth {
  if (a === true || b === true) return true;
  return a === undefined || b === undefined ? undefined : false;
}
