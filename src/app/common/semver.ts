/** What is used of semver, loaded when it is needed. */
export { intersects, satisfies, validRange } from 'semver';
