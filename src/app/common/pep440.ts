/** What is used of the versions of Python packages, loaded when it is needed. */
export { satisfies, validRange } from '@renovatebot/pep440';
