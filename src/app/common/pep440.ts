/** What is used of the versions of Python packages, loaded when it is needed. */
export { compare, satisfies, valid, validRange } from '@renovatebot/pep440';
