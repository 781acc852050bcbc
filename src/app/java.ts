import { invalid } from './common/documents.ts';
import { findBareClasses, findClassFolder, packClassFolder } from './java/class-folder.ts';
import { buildFileOf, builtJars, findJar, noMainClass } from './java/find-jar.ts';
import { findInstalled, packInstalled } from './java/install-dist.ts';
import { isJarName } from './java/jar.ts';
import { findOwnRuntime, packOwnRuntime } from './java/own-runtime.ts';
import { findQuarkus, packQuarkus } from './java/quarkus.ts';
import { packRunnableJar } from './java/runnable-jar.ts';
import { isSpringBoot, packSpringBoot } from './java/spring-boot.ts';
import type { Application, Detector, Project } from './model.ts';

const HOW_TO_BUILD: Readonly<Record<string, string>> = {
  'pom.xml': '`mvn package`',
  'build.gradle': '`./gradlew bootJar` or `./gradlew installDist`',
  'build.gradle.kts': '`./gradlew bootJar` or `./gradlew installDist`',
};

/**
 * Java: a runnable jar with what its class path names, a Spring Boot jar or war by its layers, a Quarkus fast-jar, what Gradle
 * installed, a folder of classes with jars, a runtime image of jlink; or a project folder in which one of them was built.
 * Nothing is run or built. Options of the JVM are left as they are: it knows the limits of its container, and
 * JAVA_TOOL_OPTIONS gives others when it runs.
 */
export const detectJava: Detector = async (project, request) => {
  const { kind, main } = request;
  if (kind !== undefined && kind !== 'java') return undefined;
  const found = await packInstalledOrWhole(project, main);
  if (found) return found;
  const isClass = main?.endsWith('.class') === true;
  if (main !== undefined && kind === undefined && !isClass && !isJarName(main)) return undefined;
  const jar = isClass ? undefined : await findJar(project, main);
  if (jar) return isSpringBoot(jar) ? packSpringBoot(jar) : packRunnableJar(project, jar);
  const classes =
    findClassFolder(project) ?? (await findBare(project, kind === 'java', isClass ? main : undefined));
  if (classes) return packClassFolder(project, classes, main);
  refuse(project, kind === 'java');
  return undefined;
};

/** Classes without jars: of a project with a build file nobody knows which they would need, unless they are asked for. */
async function findBare(
  project: Project,
  isAsked: boolean,
  main: string | undefined,
): ReturnType<typeof findBareClasses> {
  const isBuilt = buildFileOf(project) === undefined && builtJars(project).length === 0;
  return isBuilt || isAsked || main !== undefined ? findBareClasses(project, main) : undefined;
}

/** What says itself how all of it is started. */
async function packInstalledOrWhole(
  project: Project,
  main: string | undefined,
): Promise<Application | undefined> {
  if (project.single !== undefined) return undefined;
  const installed = findInstalled(project, main);
  if (installed) return packInstalled(project, installed);
  if (main !== undefined) return undefined;
  const quarkus = findQuarkus(project);
  if (quarkus !== undefined) return packQuarkus(project, quarkus);
  const runtime = await findOwnRuntime(project);
  return runtime && packOwnRuntime(project, runtime);
}

function refuse(project: Project, isAsked: boolean): void {
  const buildFile = buildFileOf(project);
  const jars = project.single === undefined ? builtJars(project) : [];
  if (buildFile !== undefined && jars.length === 0)
    throw invalid(
      `${project.name} has a ${buildFile}, but nothing that was built of it: no jar in target/ or build/libs/`,
      `Build it first: ${HOW_TO_BUILD[buildFile] ?? ''}.`,
      buildFile,
    );
  if (jars.length > 0 && (isAsked || buildFile !== undefined)) throw noMainClass(jars);
}
