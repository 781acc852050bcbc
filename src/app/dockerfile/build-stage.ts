import type { Application, Project } from '../model.ts';
import { findJavaBuild } from './build-java.ts';
import { findNativeBuild } from './build-native.ts';
import { findNodeBuild } from './build-nodejs.ts';
import { findPythonBuild } from './build-python.ts';
import type { BuildStage, DockerfileBase } from './model.ts';

/**
 * The stage that builds an application in the official image of its language.
 * @returns undefined where the project does not say how it is built; then what it holds is packed as it is
 */
export function findBuildStage(
  project: Project,
  application: Application,
  base: DockerfileBase,
): Promise<BuildStage | undefined> {
  if (project.single !== undefined) return Promise.resolve(undefined);
  switch (application.kind) {
    case 'native':
      return findNativeBuild(project, application, base);
    case 'nodejs':
      return findNodeBuild(project, application, base);
    case 'python':
      return findPythonBuild(project, application, base);
    case 'java':
      return Promise.resolve(findJavaBuild(project, application, base));
    case 'files':
      return Promise.resolve(undefined);
  }
}
