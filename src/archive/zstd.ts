/** What is used of zstd-wasm, loaded when it is needed: a bundler gives a CommonJS package that is imported on demand no names. */
export { compress, init } from '@bokuweb/zstd-wasm';
