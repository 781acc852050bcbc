import { expect, it } from 'vitest';
import { expandVariables, variablesOf } from './variables.ts';

const VARIABLES = { A: 'x', LONG_1: 'y', '1': 'digit' };

it.each([
  ['$A', 'x'],
  ['${A}', 'x'],
  ['/$A/$LONG_1/', '/x/y/'],
  ['$A.b', 'x.b'],
  ['$Ab', ''],
  ['${A}b', 'xb'],
  ['$1', 'digit'],
  ['$12', 'digit2'],
  ['$$', ''],
  ['$', '$'],
  ['a$', 'a$'],
  ['$/a', '$/a'],
  ['$ A', '$ A'],
  ['${}', ''],
  ['${A', 'A'],
  ['$toString', ''],
  ['$ä', '$ä'],
])('%s stands for %s', (text, expected) => {
  expect(expandVariables(text, VARIABLES)).toBe(expected);
});

it('the last entry of a name counts, and one without a sign is empty', () => {
  expect(variablesOf(['A=1', 'B', 'A=2=3', '=x'])).toEqual({ A: '2=3', B: '', '': 'x' });
});
