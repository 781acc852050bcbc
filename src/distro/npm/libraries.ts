/** npm's own libraries, loaded when they are needed: a bundler gives CommonJS packages that are imported on demand no names. */
export { default as Config } from '@npmcli/config';
export { default as npmDefinitions } from '@npmcli/config/lib/definitions/index.js';
export { default as makeFetchHappen } from 'make-fetch-happen';
export { default as registryFetch } from 'npm-registry-fetch';
export { default as ssri } from 'ssri';
