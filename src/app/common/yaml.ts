/** What is used of YAML, loaded when it is needed. */
export { parseAllDocuments } from 'yaml';
