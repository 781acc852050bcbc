import { spawn } from 'node:child_process';
import { interruption, PithError, throwIfInterrupted } from '../../../core/index.ts';
import type { HelperOutcome, RunHelper } from './helper.ts';

/** Milliseconds; a helper may have to ask its user for a passphrase. */
const PATIENCE = 120_000;
/** Milliseconds from the request to end until the end. */
const GRACE = 1_000;
const MAX_OUTPUT = 1024 * 1024;

export interface HelperRunnerOptions {
  /** Variables of the helpers' environment; they are searched for in its PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends a helper, with INTERRUPTED. */
  readonly signal?: AbortSignal | undefined;
  /** How long a helper may take, in milliseconds; two minutes unless told. */
  readonly patience?: number;
}

/**
 * Runs helpers as processes. One that takes too long, says more than 1 MiB or is interrupted is ended and not waited
 * for, whatever it has started itself.
 */
export function createHelperRunner(options: HelperRunnerOptions): RunHelper {
  const { environment, signal, patience = PATIENCE } = options;
  return async (command, args, stdin) => {
    throwIfInterrupted(signal);
    return await new Promise<HelperOutcome>((resolve, reject) => {
      const child = spawn(command, args, { env: { ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
      const output = { stdout: '', stderr: '' };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (error: PithError): void => {
        settle();
        child.kill();
        setTimeout(() => child.kill('SIGKILL'), GRACE).unref();
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
        child.unref();
        reject(error);
      };
      const onAbort = (): void => {
        if (signal) giveUp(interruption(signal));
      };
      const timer = setTimeout(() => {
        giveUp(new PithError('CREDENTIALS_FAILED', `did not answer within ${patience / 1000} s`));
      }, patience);
      signal?.addEventListener('abort', onAbort);
      for (const name of ['stdout', 'stderr'] as const)
        child[name].setEncoding('utf8').on('data', (piece: string) => {
          output[name] += piece;
          if (output[name].length > MAX_OUTPUT)
            giveUp(new PithError('CREDENTIALS_FAILED', 'said more than 1 MiB'));
        });
      child.once('error', (error) => {
        settle();
        reject(error);
      });
      child.once('close', (code, name) => {
        settle();
        resolve({ code: code ?? name ?? 'no status', ...output });
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(stdin);
    });
  };
}
