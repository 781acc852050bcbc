export type * from './model.ts';

export { architectureOf } from './architecture.ts';
export { detectApplications } from './detect.ts';
export { createIgnore } from './ignore.ts';
export { type MemberPlace, openZip, unpackMember, type ZipArchive } from './zip/index.ts';
