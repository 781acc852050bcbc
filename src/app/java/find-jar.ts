import { invalid } from '../common/documents.ts';
import { list } from '../common/left-out.ts';
import { baseOf, folderOf } from '../common/paths.ts';
import type { Project } from '../model.ts';
import { mainClassOf } from './class-path.ts';
import { isJarName, type Jar, openJar } from './jar.ts';
import { isPlainWar } from './spring-boot.ts';

/** Where jars are that a project makes: at its top if it is no source tree, else where Maven and Gradle put them. */
const BUILT = /(?:^|\/)(?:target|build\/libs)\/[^/]+$/;
const SOURCES = /(?:^|\/)(?:node_modules|src)\//;
const BUILD_FILES = ['pom.xml', 'build.gradle', 'build.gradle.kts'];
/** What build tools put beside a jar that runs. */
const BESIDE = /^original-|-(?:sources|javadoc|tests|test-sources|plain)\.jar$/i;
/** A jar that holds its libraries, beside one of the same name without them. */
const WITH_LIBRARIES = /-(?:all|jar-with-dependencies|shaded|fat|uber|runner)(?=\.jar$)/i;
/** More are no application's. */
const MAX_CANDIDATES = 200;

/**
 * The jar or war that runs: the one asked for, else the only one of the project that could.
 * @returns undefined if the project has none
 * @throws PithError APP_INVALID for several, for one that is damaged, and for those that cannot be started
 */
export async function findJar(project: Project, main: string | undefined): Promise<Jar | undefined> {
  if (main !== undefined) return openRunnable(project, main);
  if (project.single !== undefined)
    return isJarName(project.single) ? openRunnable(project, project.single) : undefined;
  const jars: Jar[] = [];
  for (const path of candidatesOf(project).slice(0, MAX_CANDIDATES)) jars.push(await openJar(project, path));
  const runnable = preferFat(jars.filter((jar) => mainClassOf(jar) !== undefined));
  if (runnable.length > 1) throw several(runnable);
  const [found] = runnable;
  if (found) return found;
  const war = jars.find(isPlainWar);
  if (war) throw needsServer(war);
  return undefined;
}

/** Jars that a project made, of which none can be started. */
export function builtJars(project: Project): readonly string[] {
  return candidatesOf(project);
}

/** The file of the project that says how Java is built, if there is one. */
export function buildFileOf({ files }: Project): string | undefined {
  return BUILD_FILES.find((name) => files.has(name));
}

function candidatesOf(project: Project): string[] {
  return [...project.files.values()]
    .filter(({ type, path }) => type === 'file' && isJarName(path) && !BESIDE.test(baseOf(path)))
    .map(({ path }) => path)
    .filter((path) => (folderOf(path) === '' ? true : BUILT.test(path) && !SOURCES.test(path)));
}

async function openRunnable(project: Project, path: string): Promise<Jar> {
  if (project.files.get(path)?.type !== 'file')
    throw invalid(
      `${path} is not among the files of ${project.name}`,
      'Give its path relative to the folder. What .dockerignore leaves out is not there.',
      path,
    );
  const jar = await openJar(project, path);
  if (mainClassOf(jar) !== undefined) return jar;
  throw isPlainWar(jar) ? needsServer(jar) : noMainClass([path]);
}

/** Leaves out the jars of which there is one with their libraries in it. */
function preferFat(jars: readonly Jar[]): readonly Jar[] {
  const fat = new Set(
    jars.filter(({ path }) => WITH_LIBRARIES.test(path)).map(({ path }) => path.replace(WITH_LIBRARIES, '')),
  );
  return jars.filter(({ path }) => !fat.has(path));
}

function several(jars: readonly Jar[]): Error {
  const paths = jars.map(({ path }) => path);
  return invalid(
    `several jars have a main class: ${list(paths, 8)}`,
    `Name the one that runs with \`--main\`, such as \`--main ${paths[0] ?? ''}\`.`,
  );
}

/** The error for jars of which none says what runs. */
export function noMainClass(paths: readonly string[]): Error {
  return invalid(
    `${list(paths, 4)} ${paths.length === 1 ? 'has' : 'have'} no Main-Class in META-INF/MANIFEST.MF: nothing says what runs`,
    'Build a runnable jar: with Maven by spring-boot:repackage or maven-shade-plugin, with Gradle by `bootJar` or `installDist`.',
    paths[0],
  );
}

function needsServer({ path }: Jar): Error {
  return invalid(
    `${path} has no Main-Class: it is a war for a servlet container, which no base has`,
    'Build it with an embedded server (spring-boot:repackage), or put it into an image of Tomcat or Jetty with a pith.yaml.',
    path,
  );
}
