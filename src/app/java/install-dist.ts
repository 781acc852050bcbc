import { invalid, readText } from '../common/documents.ts';
import { parseCommandLine } from '../common/command-line.ts';
import { list, whyLeftOut } from '../common/left-out.ts';
import { baseOf, folderOf, isIn, join } from '../common/paths.ts';
import type { Application, Project } from '../model.ts';
import { isClassName, packClassPath, textsOf } from './class-path.ts';
import { isJarName, type Jar, openJar } from './jar.ts';
import { APP, layerOfDependency, Layout } from './layout.ts';

/** A folder that Gradle's application plugin installed: `bin/NAME` starts what is in `lib`. */
export interface InstalledApplication {
  readonly folder: string;
  readonly script: string;
}

const SCRIPT = /^(?:(.+)\/)?bin\/([^/]+)$/;
const MAX_SCRIPT = 64 << 10;
const CLASS_PATH = /^CLASSPATH="?((?:\\?"?\$APP_HOME\/lib\/[^:"\s]+:?)+)"?$/m;
const MAIN = /-classpath\s+(?:"\$CLASSPATH"|"\\"\$CLASSPATH\\"")\s+(?:\\\s+)?([^\s"\\]+)/;
const OPTIONS = /^DEFAULT_JVM_OPTS='(.*)'$/m;

/**
 * The application that `installDist` left in `build/install/NAME`, or as the folder itself.
 * @param main its start script, where there are several
 * @throws PithError APP_INVALID for several of which none is named
 */
export function findInstalled(project: Project, main: string | undefined): InstalledApplication | undefined {
  const found = listInstalled(project);
  if (main !== undefined) return found.find(({ script }) => script === main);
  if (found.length > 1)
    throw invalid(
      `several start scripts could be the one that runs: ${list(
        found.map(({ script }) => script),
        8,
      )}`,
      `Name one with \`--main\`, such as \`--main ${found[0]?.script ?? ''}\`.`,
    );
  return found[0];
}

function listInstalled({ files }: Project): InstalledApplication[] {
  return [...files.keys()].flatMap((script) => {
    const [, folder = '', name] = SCRIPT.exec(script) ?? [];
    if (name === undefined || !files.has(`${script}.bat`)) return [];
    if (folder !== '' && !/(?:^|\/)install\/[^/]+$/.test(folder)) return [];
    const libraries = join(folder, 'lib/');
    const isInstalled = [...files.keys()].some((path) => path.startsWith(libraries) && isJarName(path));
    return isInstalled ? [{ folder, script }] : [];
  });
}

/**
 * Such an application, started as its script does it: class path, main class and options are read from the script's text, in
 * the form of Gradle's template (CreateStartScripts); it is never run.
 * @throws PithError APP_INVALID if the script does not have them
 */
export async function packInstalled(
  project: Project,
  { folder, script }: InstalledApplication,
): Promise<Application> {
  const text = (await readText(project, script, MAX_SCRIPT)) ?? '';
  const listed = CLASS_PATH.exec(text)?.[1]?.replaceAll('$APP_HOME/', '').split(':');
  const main = MAIN.exec(text)?.[1];
  if (!listed || main === undefined || !isClassName(main))
    throw invalid(
      `${script} does not say class path and main class as the start scripts of Gradle do`,
      'Name a runnable jar with `--main PATH`.',
      script,
    );
  const jars: Jar[] = [];
  for (const entry of listed) {
    const path = join(folder, entry);
    if (project.files.get(path)?.type !== 'file')
      throw invalid(
        `${script}: ${entry} of its class path is not there`,
        'Install it anew with `./gradlew installDist`.',
        script,
      );
    jars.push(await openJar(project, path));
  }
  const [own, ...libraries] = jars;
  const layout = new Layout(['dependencies', 'snapshot-dependencies', 'resources', 'application']);
  const place = (path: string): string => `${APP}/${path.slice(folder === '' ? 0 : folder.length + 1)}`;
  for (const { path } of libraries) layout.add(layerOfDependency(baseOf(path)), place(path), { path });
  if (own) layout.add('application', place(own.path), { path: own.path });
  for (const { path, type } of project.files.values()) {
    const isOwn = isIn(folder, path) && type === 'file' && whyLeftOut(path) === undefined;
    if (isOwn && folderOf(path) !== join(folder, 'bin')) layout.add('resources', place(path), { path });
  }
  const { options, notes } = await optionsIn(text, script);
  return packClassPath(project, {
    title: 'Java application (installed by Gradle)',
    evidence: [`${script}: it starts ${main} with ${jars.length} jars`],
    main,
    options,
    classPath: jars.map(({ path }) => place(path)),
    layout,
    own,
    libraries,
    classes: [],
    readText: own ? textsOf(own) : () => Promise.resolve(undefined),
    notes,
  });
}

async function optionsIn(
  text: string,
  script: string,
): Promise<{ options: readonly string[]; notes: string[] }> {
  const written = OPTIONS.exec(text)?.[1] ?? '';
  if (written === '') return { options: [], notes: [] };
  const home = (name: string): string | undefined => (name === 'APP_HOME' ? APP : undefined);
  const { commands, needsShell } = await parseCommandLine(`java ${written}`, home);
  if (needsShell === undefined) return { options: commands[0]?.words.slice(1) ?? [], notes: [] };
  return {
    options: [],
    notes: [`${script}: its options of the JVM are left out, for they need a shell: ${needsShell}`],
  };
}
