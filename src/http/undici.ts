/** What is used of undici, loaded when it is needed: a bundler gives a CommonJS package that is imported on demand no names. */
export { EnvHttpProxyAgent, Pool, request } from 'undici';
