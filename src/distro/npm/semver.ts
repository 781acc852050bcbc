/** What is used of semver, loaded when it is needed. */
export { maxSatisfying, major, prerelease, rcompare, satisfies, valid, validRange } from 'semver';
