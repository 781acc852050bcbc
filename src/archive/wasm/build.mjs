import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const SOURCES = join(dirname(fileURLToPath(import.meta.url)), 'assembly');

/** Plain integer WebAssembly: no floating point, SIMD or threads, so that results are the same on every CPU. */
const OPTIONS = [
  '-O3',
  '--converge',
  '--noAssert',
  '--runtime',
  'stub',
  '--memoryBase',
  '1024',
  '--initialMemory',
  '4',
];

/**
 * Compiles the codecs of `assembly/` into `codec.wasm`.
 * @param {string} outDir the folder that the file is written to; made when missing
 * @returns {Promise<string>} the path of the file
 */
export async function buildWasm(outDir) {
  /** @type {Uint8Array | undefined} */
  let made;
  const { error, stderr } = await asc.main(
    ['codec.ts', ...OPTIONS, '--baseDir', SOURCES, '--outFile', 'codec.wasm'],
    {
      writeFile: (name, contents) => {
        if (name === 'codec.wasm' && typeof contents !== 'string') made = contents;
      },
    },
  );
  if (error || !made) throw new Error(`the codecs do not compile:\n${stderr.toString()}`, { cause: error });
  await mkdir(outDir, { recursive: true });
  const path = join(outDir, 'codec.wasm');
  await writeFile(path, made);
  return path;
}
