/** npm's own libraries for its configuration, apart from those for requests, which take longer to load. */
export { default as Config } from '@npmcli/config';
export { default as npmDefinitions } from '@npmcli/config/lib/definitions/index.js';
