import { asApplication } from '../common/as-application.ts';
import { folderOf, isIn, join } from '../common/paths.ts';
import type { Application, Project } from '../model.ts';
import { frameworkOf } from './framework.ts';
import { isJarName, type Jar, openJar, readTextOf } from './jar.ts';
import { labelsOf } from './labels.ts';
import { APP, JAVA, Layout } from './layout.ts';
import { builtWith, Survey } from './survey.ts';

const RUNNER = 'quarkus-run.jar';
const FOLDERS = ['', 'quarkus-app', 'target/quarkus-app', 'build/quarkus-app'];

/** The folder of a Quarkus fast-jar, the way in which Quarkus packs by default (its Maven guide, "Using fast-jar"). */
export function findQuarkus({ files }: Project): string | undefined {
  return FOLDERS.find(
    (folder) => files.has(join(folder, RUNNER)) && files.has(join(folder, 'quarkus/quarkus-application.dat')),
  );
}

/** A fast-jar: its libraries apart from what changes with the application, as in Quarkus' own Dockerfile. */
export async function packQuarkus(project: Project, folder: string): Promise<Application> {
  const runner = await openJar(project, join(folder, RUNNER));
  const files = [...project.files.values()].filter(({ type, path }) => type === 'file' && isIn(folder, path));
  const relative = files.map(
    ({ path }) => [path, path.slice(folder === '' ? 0 : folder.length + 1)] as const,
  );
  const layout = new Layout(['dependencies', 'application']);
  const jars: Jar[] = [];
  for (const [path, name] of relative) {
    const isLibrary = name.startsWith('lib/');
    if (!isLibrary && !/^(?:app|quarkus)\//.test(name) && name !== RUNNER) continue;
    layout.add(isLibrary ? 'dependencies' : 'application', `${APP}/${name}`, { path });
    if (isJarName(name)) jars.push(await openJar(project, path));
  }
  const own = jars.find(({ path }) => folderOf(path) === join(folder, 'app'));
  const survey = new Survey();
  for (const jar of jars)
    await asApplication(jar.path, () => survey.addJar(jar.zip, jar.path, () => jar === own));
  const framework = await frameworkOf(
    jars.map(({ zip }) => zip),
    (name) => (own ? readTextOf(own, name) : Promise.resolve(undefined)),
  );
  return {
    kind: 'java',
    title: 'Quarkus application (fast-jar)',
    evidence: [
      `${runner.path}: the runner of a Quarkus fast-jar`,
      ...(own ? builtWith(own.manifest, own.path) : []),
    ],
    layers: layout.layers(),
    needs: { runtime: survey.runtime(), binaries: [], libraries: [], certificates: false, timeZones: false },
    config: {
      entrypoint: [JAVA, ...survey.options(), '-jar', `${APP}/${RUNNER}`],
      workdir: APP,
      env: {},
      ports: framework?.ports ?? [],
      labels: await labelsOf(own ?? runner),
      writable: ['/tmp'],
    },
    notes: survey.notes(),
  };
}
