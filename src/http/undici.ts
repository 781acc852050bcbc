/** What is used of undici, loaded by `import('./undici.ts')`: a bundler gives a CommonJS package that is imported on demand no names. */
export { EnvHttpProxyAgent, request } from 'undici';
