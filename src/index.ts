/**
 * pith as a library: the same chain that the command line runs, with everything from outside passed in.
 *
 * @example
 * import { build, openWorkspace } from 'pith';
 * const workspace = openWorkspace();
 * const report = await build({ targets: ['static-debian13:nonroot'], outputs: ['oci:images'] }, workspace);
 */
export { build, show, lockImages as lock, Catalogue } from './build/index.ts';
