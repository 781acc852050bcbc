export type * from './model.ts';

export { architectureOf } from './architecture.ts';
export { detectApplications } from './detect.ts';
export { createIgnore } from './ignore.ts';
export { type MemberPlace, openZip, unpackMember, type ZipArchive } from './zip/index.ts';
export type { AddedProgram, BuildContext, DockerfileBase, ImageSettings } from './dockerfile/model.ts';
export { findBuildStage } from './dockerfile/build-stage.ts';
export { writeDockerfile } from './dockerfile.ts';
