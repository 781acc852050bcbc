/** What is used of zstd-wasm, loaded by `import('./zstd.ts')`: a bundler gives a CommonJS package that is imported on demand no names. */
export { compress, init } from '@bokuweb/zstd-wasm';
