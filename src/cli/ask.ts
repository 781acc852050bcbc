import { PithError } from '../core/index.ts';

/**
 * Asks on the terminal, which has to be there.
 * @param options.silent whether what is typed is not shown
 * @throws PithError INTERRUPTED if there is no answer
 */
export async function ask(
  prompt: string,
  { silent = false }: { readonly silent?: boolean } = {},
): Promise<string> {
  const { read } = await import('read');
  let noAnswer = (): void => undefined;
  // Ctrl-D closes the terminal's line, and nothing else comes.
  const closed = new Promise<never>((_resolve, reject) => {
    noAnswer = () => {
      reject(new Error('the input ended'));
    };
    process.once('beforeExit', noAnswer);
  });
  try {
    return await Promise.race([read({ prompt, silent, output: process.stderr }), closed]);
  } catch (error) {
    throw new PithError('INTERRUPTED', 'interrupted while asking', {
      hint: 'Nothing was changed: run the command again.',
      cause: error,
    });
  } finally {
    process.off('beforeExit', noAnswer);
    // What is not shown ends no line either.
    if (silent) process.stderr.write('\n');
  }
}
