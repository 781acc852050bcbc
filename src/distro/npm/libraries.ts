/** npm's own libraries for requests, loaded when they are needed: a bundler gives CommonJS packages that are imported on demand no names. */
export { default as makeFetchHappen } from 'make-fetch-happen';
export { default as registryFetch } from 'npm-registry-fetch';
export { default as ssri } from 'ssri';
