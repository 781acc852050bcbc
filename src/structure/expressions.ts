import type { Expression } from './test-file.ts';

/** Compiles an expression. @throws an error whose message says what is wrong with it */
export type CompileExpression = (source: string) => Expression;

/** Loads the engine: RE2's syntax and meaning, and time linear in the length of the text whatever the expression is. */
export async function loadExpressions(): Promise<CompileExpression> {
  const { RE2JS } = await import('re2js');
  return (source) => {
    const compiled = RE2JS.compile(source);
    return { source, matches: (text) => compiled.test(text) };
  };
}
