import { readFileSync } from 'node:fs';

/** What this room uses of WebAssembly, which the types of Node.js 20 do not declare as values. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** The memory that every instance exports. Its `buffer` is another one after the memory has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

let codec: object | undefined;

/** A new instance of `codec.wasm`, which is read and compiled at the first call. The caller says what it exports. */
export function instantiateCodec(): unknown {
  codec ??= new WebAssembly.Module(readFileSync(codecUrl()));
  return new WebAssembly.Instance(codec).exports;
}

/** The bundled chunks lie beside the file; the sources find it in dist/. */
function codecUrl(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(fromSource ? '../../../dist/codec.wasm' : './codec.wasm', import.meta.url);
}
