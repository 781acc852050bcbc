export { openZip, type ZipArchive } from './archive.ts';
export { type MemberPlace, unpackMember } from './content.ts';
