import { printable, type PithError, safeJson } from '../core/index.ts';

/**
 * Prints an error to standard error: what, and on a line of its own what to do; as JSON where scripts read along.
 * Errors quote images, servers and files: what would act on the terminal is left out.
 */
export function printError(error: PithError, json: boolean): void {
  const { code, message, hint, path, url } = error;
  if (json) {
    process.stderr.write(`${safeJson({ error: { code, message, hint, path, url } })}\n`);
    return;
  }
  const where = url !== undefined && !message.includes(url) ? ` (${url})` : '';
  process.stderr.write(printable(`pith: error: ${message}${where} [${code}]\n`));
  if (hint !== undefined) process.stderr.write(printable(`pith: hint: ${hint}\n`));
  if (process.env['PITH_DEBUG']) {
    const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : '';
    process.stderr.write(printable(`${error.stack ?? ''}\n${cause}\n`));
  }
}
