import type { TestExpression } from 'unbash';
import { expandTokens, expandValue } from './expand.ts';
import { matchValue } from './glob.ts';
import type { Shell } from './shell.ts';
import { evaluateBinary, evaluateUnary, not, or } from './test-expression.ts';

/** `[[ … ]]` of bash; undefined for what is not known. */
export function evaluateBracketTest(expression: TestExpression, shell: Shell): boolean | undefined {
  const evaluate = (inner: TestExpression): boolean | undefined => evaluateBracketTest(inner, shell);
  switch (expression.type) {
    case 'TestUnary':
      return evaluateUnary(expression.operator, expandValue(expression.operand, shell), shell.files);
    case 'TestBinary': {
      const left = expandValue(expression.left, shell);
      if (!/^(?:=|==|!=)$/.test(expression.operator))
        return evaluateBinary(expression.operator, left, expandValue(expression.right, shell), shell.files);
      const truth = matchValue(left, expandTokens(expression.right, shell), shell.budget);
      return expression.operator === '!=' ? not(truth) : truth;
    }
    case 'TestLogical': {
      const truths = expression.operands.map(evaluate);
      return expression.operator === '||' ? truths.reduce(or, false) : not(truths.map(not).reduce(or, false));
    }
    case 'TestNot':
      return expression.negations.length % 2 === 1
        ? not(evaluate(expression.operand))
        : evaluate(expression.operand);
    case 'TestGroup':
      return evaluate(expression.expression);
  }
}
