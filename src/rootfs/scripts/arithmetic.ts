import type { ArithmeticExpression } from 'unbash';
import type { Budget } from './budget.ts';
import type { ShellState } from './shell-state.ts';
import { unknown } from './value.ts';

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
};

/** Value of an arithmetic expression without assignments; undefined for what is not known or no safe integer. */
export function calculate(
  expression: ArithmeticExpression,
  state: ShellState,
  budget: Budget,
): number | undefined {
  budget.spend(1);
  const value = evaluate(expression, state, budget);
  return Number.isSafeInteger(value) ? value : undefined;
}

function evaluate(expression: ArithmeticExpression, state: ShellState, budget: Budget): number | undefined {
  forgetAssigned(expression, state);
  switch (expression.type) {
    case 'ArithmeticWord': {
      const text = expression.value.replace(/^\$\{?([A-Za-z_]\w*)\}?$/, '$1');
      if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
      const value = /^[A-Za-z_]\w*$/.test(text) ? state.get(text) : undefined;
      if (!value?.known) return undefined;
      return /^-?\d{1,15}$/.test(value.text) ? Number(value.text) : value.text === '' ? 0 : undefined;
    }
    case 'ArithmeticGroup':
      return calculate(expression.expression, state, budget);
    case 'ArithmeticUnary': {
      const operand = calculate(expression.operand, state, budget);
      if (operand === undefined) return undefined;
      if (expression.operator === '-') return -operand;
      if (expression.operator === '!') return Number(operand === 0);
      return expression.operator === '+' ? operand : undefined;
    }
    case 'ArithmeticBinary': {
      const operate = Object.hasOwn(BINARY, expression.operator) ? BINARY[expression.operator] : undefined;
      const left = calculate(expression.left, state, budget);
      const right = calculate(expression.right, state, budget);
      return operate && left !== undefined && right !== undefined ? operate(left, right) : undefined;
    }
    case 'ArithmeticTernary': {
      const test = calculate(expression.test, state, budget);
      if (test === undefined) return undefined;
      return calculate(test === 0 ? expression.alternate : expression.consequent, state, budget);
    }
    case 'ArithmeticCommandExpansion':
      return undefined;
  }
}

/** What `x=1`, `x+=1` and `x++` set is not followed: the variable is unknown from then on. */
function forgetAssigned(expression: ArithmeticExpression, state: ShellState): void {
  const target =
    expression.type === 'ArithmeticBinary' && /^(?:[-+*/%&|^]|<<|>>)?=$/.test(expression.operator)
      ? expression.left
      : expression.type === 'ArithmeticUnary' && ['++', '--'].includes(expression.operator)
        ? expression.operand
        : undefined;
  if (target?.type === 'ArithmeticWord') state.set(target.value, unknown(`$${target.value}`));
}
