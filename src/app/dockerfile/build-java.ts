import { isFile } from '../common/documents.ts';
import type { Application, Project } from '../model.ts';
import type { BuildOutput, BuildStage, DockerfileBase } from './model.ts';

const OF_MAVEN = /^(?:.*?\/)?target\//;
const OF_GRADLE = /^(?:.*?\/)?build\//;
/** Folders whose files are packed together. */
const FOLDER =
  /^(?:.*\/)?(?:build\/install\/[^/]+\/[^/]+|target\/(?:classes|dependency|libs?|quarkus-app\/[^/]+))(?=\/)/;

/** Java: Maven or Gradle makes the folder of what was built. */
export function findJavaBuild(
  project: Project,
  { layers }: Application,
  { name }: DockerfileBase,
): BuildStage | undefined {
  const version = /^java(\d+)/.exec(name)?.[1] ?? '21';
  const isMaven = isFile(project, 'pom.xml');
  if (!isMaven && !isFile(project, 'build.gradle') && !isFile(project, 'build.gradle.kts')) return undefined;
  const built = isMaven ? OF_MAVEN : OF_GRADLE;
  const sources = [...new Set(layers.flatMap(({ files }) => [...files.values()].map(({ path }) => path)))];
  if (!sources.some((path) => built.test(path))) return undefined;
  const isInstalled = sources.some((path) => /^(?:.*\/)?build\/install\//.test(path));
  const copies = sources.some((path) => path.includes('target/dependency/'));
  const command = isMaven
    ? `${isFile(project, 'mvnw') ? './mvnw' : 'mvn'} --batch-mode -DskipTests package${copies ? ' dependency:copy-dependencies' : ''}`
    : `${isFile(project, 'gradlew') ? './gradlew' : 'gradle'} --no-daemon ${isInstalled ? 'installDist' : 'assemble'}`;
  return {
    image: isMaven ? `maven:3-eclipse-temurin-${version}` : `gradle:jdk${version}`,
    lines: ['WORKDIR /src', 'COPY . ./', `RUN ${command}`],
    outputOf: (path) => (built.test(path) ? outputOf(path, sources) : undefined),
  };
}

/** The file itself, or the folder that it was put into with others. */
function outputOf(path: string, sources: readonly string[]): BuildOutput | undefined {
  const folder = FOLDER.exec(path)?.[0];
  if (folder !== undefined) return { path: folder, at: `/src/${folder}` };
  return sources.includes(path) ? { path, at: `/src/${path}` } : undefined;
}
