import { compress, init } from '@bokuweb/zstd-wasm';

let ready: Promise<void> | undefined;

/** zstd-wasm, initialised once a process: initialising it again takes its memory from under those who use it. */
export async function loadZstd(): Promise<typeof compress> {
  ready ??= init();
  await ready;
  return compress;
}
