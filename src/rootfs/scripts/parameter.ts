import type { ParameterExpansionPart, ParameterOperation, SimpleExpansionPart, Word } from 'unbash';
import type { Budget } from './budget.ts';
import { matches, patternTokens } from './glob.ts';
import type { ShellState } from './shell-state.ts';
import { concat, EMPTY, known, unknown, type Value } from './value.ts';

export interface ParameterContext {
  readonly state: ShellState;
  readonly budget: Budget;
  /** `$0` */
  readonly scriptPath: string;
}

/** The value of `$name` and of `${name…}` (POSIX.1-2017, XCU 2.5 and 2.6.2). */
export function expandParameter(
  part: SimpleExpansionPart | ParameterExpansionPart,
  context: ParameterContext,
  expand: (word: Word) => Value,
): Value {
  if (part.type === 'SimpleExpansion') return lookUp(part.text.slice(1), part.text, context) ?? EMPTY;
  const { parameter, prefix, index, operation, text } = part;
  if (prefix === '!' || index) return unknown(text);
  const value = lookUp(parameter, text, context);
  if (prefix === '#') {
    if (operation || value?.known === false) return unknown(text);
    return known(String(Array.from(value?.text ?? '').length));
  }
  return operation ? operate(operation, parameter, value, { text, context, expand }) : (value ?? EMPTY);
}

/** The value of a parameter; undefined if it is not set. */
function lookUp(name: string, text: string, { state, scriptPath }: ParameterContext): Value | undefined {
  if (/^[0-9]+$/.test(name)) {
    if (Number(name) === 0) return known(scriptPath);
    const value = state.positional[Number(name) - 1];
    return value ?? (state.isCountKnown ? undefined : unknown(text));
  }
  switch (name) {
    case '@':
    case '*':
      if (!state.isCountKnown) return unknown(text);
      return concat(
        state.positional.flatMap((value, index) => (index === 0 ? [value] : [known(' '), value])),
      );
    case '#':
      return state.isCountKnown ? known(String(state.positional.length)) : unknown(text);
    case '?':
      return state.status === undefined ? unknown(text) : known(String(state.status));
    case '$':
    case '!':
    case '-':
      return unknown(text);
    default:
      return state.get(name);
  }
}

interface Operation {
  readonly text: string;
  readonly context: ParameterContext;
  readonly expand: (word: Word) => Value;
}

function operate(
  operation: ParameterOperation,
  name: string,
  value: Value | undefined,
  { text, context, expand }: Operation,
): Value {
  if (operation.type === 'Remove') {
    const pattern = expand(operation.operand);
    if (value?.known === false || !pattern.known) return unknown(text);
    // The pattern's own quotes are lost here; they matter only for a quoted `*`.
    return known(removePart(value?.text ?? '', pattern.text, operation.operator, context.budget));
  }
  if (operation.type !== 'Default') return unknown(text);
  const { operator, operand } = operation;
  const isUnset = value === undefined || (operator.startsWith(':') && value.known && value.text === '');
  const isUncertain = value?.known === false && operator.startsWith(':');
  switch (operator) {
    case '+':
    case ':+':
      return isUncertain ? unknown(text) : isUnset ? EMPTY : expand(operand);
    case '=':
    case ':=': {
      if (!isUnset) return value;
      const given = expand(operand);
      context.state.set(name, given);
      return given;
    }
    case '?':
    case ':?':
      return isUnset ? unknown(text) : value;
    default:
      return isUnset ? expand(operand) : value;
  }
}

function removePart(text: string, pattern: string, operator: string, budget: Budget): string {
  const tokens = patternTokens(pattern);
  const isPrefix = operator.startsWith('#');
  const isLongest = operator.length === 2;
  const chars = Array.from(text);
  for (let step = 0; step <= chars.length; step++) {
    const length = isLongest ? chars.length - step : step;
    const part = isPrefix ? chars.slice(0, length) : chars.slice(chars.length - length);
    if (matches(tokens, part.join(''), budget))
      return (isPrefix ? chars.slice(length) : chars.slice(0, chars.length - length)).join('');
  }
  return text;
}
