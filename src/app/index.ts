export type * from './model.ts';

export { dependencyPlace, mayHoldDependencies } from './dependency-places.ts';
export { detectApplications } from './detect.ts';
export { createIgnore } from './ignore.ts';
export type { AddedProgram, BuildContext, DockerfileBase, ImageSettings } from './dockerfile/model.ts';
export { findBuildStage } from './dockerfile/build-stage.ts';
export { writeDockerfile } from './dockerfile.ts';
