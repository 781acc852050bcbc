/** Gives the tree of a script as the parser has it; its shape is the parser's own and stays inside this room. */
export type ParseShell = (text: string) => object;

/** The parser, which is loaded when the first script is to be read. */
export async function loadShellParser(): Promise<ParseShell> {
  const { parse } = await import('unbash');
  return parse;
}
