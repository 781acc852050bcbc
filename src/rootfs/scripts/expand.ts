import type { ArithmeticExpression, ParsedScript, Word, WordPart } from 'unbash';
import type { Budget } from './budget.ts';
import { isPattern, literalTokens, patternTokens, type Token } from './glob.ts';
import { expandParameter, type ParameterContext } from './parameter.ts';
import { concat, EMPTY, known, unknown, type Value } from './value.ts';

/** What expansions ask of the shell that they are part of. */
export interface ExpansionShell extends ParameterContext {
  readonly budget: Budget;
  readonly isBash: boolean;
  /** What a command substitution prints, without the line ends at its end. */
  substitute(script: ParsedScript, text: string): Value;
  calculate(expression: ArithmeticExpression | undefined, text: string): Value;
  /** Paths of the image that a pattern stands for; undefined if that is not known. */
  glob(tokens: readonly Token[]): string[] | undefined;
}

/** A word of a command after all expansions. */
export interface Field extends Value {
  /** Whether it stands for any number of words. */
  readonly many: boolean;
}

/** A part of a word after parameters and commands were put in. */
type Piece =
  /** Quoted: neither split nor a pattern. */
  | { readonly kind: 'text'; readonly value: Value }
  /** The value of an unquoted expansion: split into words, and its `*` are patterns. */
  | { readonly kind: 'open'; readonly value: Value }
  | { readonly kind: 'pattern'; readonly text: string }
  /** The end of one word and the start of the next, of `"$@"`. */
  | { readonly kind: 'break' };

const MAX_FIELDS = 2000;

/** The words that a word of a command becomes (POSIX.1-2017, XCU 2.6). */
export function expandFields(word: Word, shell: ExpansionShell): Field[] {
  if (!word.parts && !word.value.startsWith('~')) return [{ ...known(word.value), many: false }];
  const fields: Field[] = [];
  for (const pieces of splitFields(piecesOf(word, shell), shell)) {
    const value = concat(pieces.map(valueOf));
    shell.budget.spend(1 + value.text.length / 256);
    const isOpen = pieces.some((piece) => piece.kind === 'open' && !piece.value.known);
    const found = value.known ? expandPattern(pieces, shell) : undefined;
    if (found === 'unknown') fields.push({ ...unknown(value.text), many: true });
    else if (found) fields.push(...found.map((path) => ({ ...known(path), many: false })));
    else fields.push({ ...value, many: isOpen });
  }
  return fields.slice(0, MAX_FIELDS);
}

/** A word where it stays one: in an assignment, after `case`, as a file's name. */
export function expandValue(word: Word, shell: ExpansionShell): Value {
  const pieces = piecesOf(word, shell).map((piece) => (piece.kind === 'break' ? known(' ') : valueOf(piece)));
  const value = pieces.length === 0 ? EMPTY : concat(pieces);
  shell.budget.spend(1 + value.text.length / 256);
  return value;
}

/** A word as a pattern of `case`; undefined if a part of it is not known. */
export function expandTokens(word: Word, shell: ExpansionShell): Token[] | undefined {
  const pieces = piecesOf(word, shell);
  return pieces.every((piece) => valueOf(piece).known) ? pieces.flatMap(tokensOf) : undefined;
}

/** The text of a here-document (POSIX.1-2017, XCU 2.7.4). */
export function expandHereDocument(
  text: string,
  parts: readonly WordPart[] | undefined,
  isIndented: boolean,
  shell: ExpansionShell,
): Value {
  let isLineStart = true;
  const strip = (literal: string): string => {
    if (!isIndented) return literal;
    const lines = literal.split('\n');
    const stripped = lines.map((line, index) => (index > 0 || isLineStart ? line.replace(/^\t+/, '') : line));
    isLineStart = literal.endsWith('\n');
    return stripped.join('\n');
  };
  if (!parts) return known(strip(text));
  return concat(
    parts.map((part) => {
      if (part.type === 'Literal') return known(strip(part.value));
      isLineStart = false;
      return concat(partPieces(part, shell, true).map(valueOf));
    }),
  );
}

function valueOf(piece: Piece): Value {
  if (piece.kind === 'break') return EMPTY;
  return piece.kind === 'pattern' ? known(piece.text) : piece.value;
}

function tokensOf(piece: Piece): Token[] {
  const { text } = valueOf(piece);
  return piece.kind === 'text' ? literalTokens(text) : patternTokens(text);
}

function piecesOf(word: Word, shell: ExpansionShell): Piece[] {
  if (word.text.startsWith('~')) return [{ kind: 'text', value: unknown(word.text) }];
  if (!word.parts) return [{ kind: 'text', value: known(word.value) }];
  return word.parts.flatMap((part) => partPieces(part, shell, false));
}

function partPieces(part: WordPart, shell: ExpansionShell, isQuoted: boolean): Piece[] {
  const put = (value: Value): Piece[] => [{ kind: isQuoted ? 'text' : 'open', value }];
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return [{ kind: 'text', value: known(part.value) }];
    case 'AnsiCQuoted':
      return [{ kind: 'text', value: shell.isBash ? known(part.value) : unknown(part.text) }];
    case 'DoubleQuoted':
    case 'LocaleString':
      return quotedPieces(part.parts, shell);
    case 'Glob':
      return [{ kind: 'pattern', text: part.text }];
    case 'BraceExpansion':
      return [{ kind: 'text', value: shell.isBash || part.parts ? unknown(part.text) : known(part.text) }];
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      return parameterPieces(part, shell, isQuoted);
    case 'CommandExpansion':
      return put(part.script ? shell.substitute(part.script, part.text) : unknown(part.text));
    case 'ArithmeticExpansion':
      return put(shell.calculate(part.expression, part.text));
    case 'ProcessSubstitution':
    case 'ExtendedGlob':
      return [{ kind: 'text', value: unknown(part.text) }];
  }
}

function quotedPieces(parts: readonly WordPart[], shell: ExpansionShell): Piece[] {
  const pieces = parts.flatMap((part) => partPieces(part, shell, true));
  const isAll = parts.length === 1 && /^\$(?:@|\{@\})$/.test(parts[0]?.text ?? '');
  // Two quotes with nothing in them are a word; "$@" without parameters is none.
  return pieces.length > 0 || isAll ? pieces : [{ kind: 'text', value: EMPTY }];
}

function parameterPieces(
  part: Extract<WordPart, { type: 'SimpleExpansion' | 'ParameterExpansion' }>,
  shell: ExpansionShell,
  isQuoted: boolean,
): Piece[] {
  const { state } = shell;
  const isPlain = part.type === 'SimpleExpansion' || (!part.operation && !part.prefix && !part.index);
  const name = part.type === 'SimpleExpansion' ? part.text.slice(1) : part.parameter;
  if (!isPlain || name !== '@' || !state.isCountKnown) {
    const value = expandParameter(part, shell, (word) => expandValue(word, shell));
    return [{ kind: isQuoted ? 'text' : 'open', value }];
  }
  return state.positional.flatMap((value, index): Piece[] => [
    ...(index === 0 ? [] : [{ kind: 'break' } as const]),
    { kind: isQuoted ? 'text' : 'open', value },
  ]);
}

/** Field splitting (XCU 2.6.5) of the open pieces. */
function splitFields(pieces: readonly Piece[], shell: ExpansionShell): Piece[][] {
  const separators = shell.state.get('IFS') ?? known(' \t\n');
  const fields: Piece[][] = [];
  let current: Piece[] | undefined;
  const end = (): void => {
    if (current && fields.length < MAX_FIELDS) fields.push(current);
    current = undefined;
  };
  for (const piece of pieces) {
    if (piece.kind === 'break') end();
    else if (piece.kind === 'open' && piece.value.known) {
      const words = splitText(piece.value.text, separators.known ? separators.text : ' \t\n');
      for (const [index, text] of words.entries()) {
        if (index > 0) end();
        if (text !== '' || (index > 0 && index < words.length - 1))
          (current ??= []).push({ kind: 'open', value: { text, known: separators.known } });
      }
    } else (current ??= []).push(piece);
  }
  end();
  return fields;
}

/** The words of a text, with an empty one first or last where a separator stands there. */
function splitText(text: string, separators: string): string[] {
  if (separators === '') return [text];
  const words = [''];
  let isAfterSpace = false;
  for (const char of text) {
    if (!separators.includes(char)) {
      words.push(`${words.pop() ?? ''}${char}`);
      isAfterSpace = false;
    } else if (/[ \t\n]/.test(char)) {
      if (!isAfterSpace) words.push('');
      isAfterSpace = true;
    } else {
      if (!isAfterSpace) words.push('');
      isAfterSpace = false;
      if (words.length > MAX_FIELDS) break;
    }
  }
  return words;
}

function expandPattern(pieces: readonly Piece[], shell: ExpansionShell): string[] | 'unknown' | undefined {
  if (pieces.every((piece) => piece.kind === 'text' || !/[*?[]/.test(valueOf(piece).text))) return undefined;
  const tokens = pieces.flatMap(tokensOf);
  if (!isPattern(tokens)) return undefined;
  const found = shell.glob(tokens);
  if (!found) return 'unknown';
  return found.length > 0 ? found : undefined;
}
