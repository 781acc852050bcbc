import { asApplication } from '../common/as-application.ts';
import { folderOf } from '../common/paths.ts';
import type { Application, Project } from '../model.ts';
import { frameworkOf } from './framework.ts';
import { type Jar, readTextOf } from './jar.ts';
import { labelsOf } from './labels.ts';
import { APP, JAVA, type Layout } from './layout.ts';
import { attributeOf, optionsOf } from './manifest.ts';
import { fileOfClass } from './runnable-jar.ts';
import { type ReadText } from './settings.ts';
import { Survey } from './survey.ts';

/** An application that is started by class path and main class. */
export interface ClassPathStart {
  readonly title: string;
  readonly evidence: readonly string[];
  readonly main: string;
  /** Options of the JVM. */
  readonly options: readonly string[];
  /** Absolute paths in the image. */
  readonly classPath: readonly string[];
  readonly layout: Layout;
  /** The application's own jar, if it is one, and the others. */
  readonly own: Jar | undefined;
  readonly libraries: readonly Jar[];
  /** Paths of its own class files, where they lie in a folder. */
  readonly classes: readonly string[];
  readonly readText: ReadText;
  readonly notes: readonly string[];
}

/** What `-cp` could not hold; Linux takes 128 KiB for an argument. */
const MAX_CLASS_PATH = 100 << 10;

/** Bytes of a class file that tell its version. */
const VERSION = { start: 0, length: 8 };
const SAMPLE = 32;

/**
 * An application of class path and main class. The path names each jar, in order: what `*` stands for depends on the order
 * in which a file system lists a folder.
 */
export async function packClassPath(project: Project, start: ClassPathStart): Promise<Application> {
  const { main, own, libraries, layout } = start;
  const survey = new Survey();
  for (const path of start.classes.slice(0, SAMPLE)) survey.addClass(await project.read(path, VERSION), path);
  if (own) await surveyOwn(survey, own, main);
  for (const one of libraries) await survey.addLibrary(() => Promise.resolve(one.zip), one.path);
  const jars = [...(own ? [own] : []), ...libraries];
  const framework = await frameworkOf(
    jars.map(({ zip }) => zip),
    start.readText,
  );
  const classPath = start.classPath.join(':');
  const options = [...survey.options(), ...(own ? optionsOf(own.manifest) : []), ...start.options];
  return {
    kind: 'java',
    title: framework ? `Java application (${framework.name})` : start.title,
    evidence: start.evidence,
    layers: layout.layers(),
    needs: { runtime: survey.runtime(), binaries: [], libraries: [], certificates: false, timeZones: false },
    config: {
      entrypoint: [JAVA, ...options, '-cp', classPath, main],
      workdir: APP,
      env: {},
      ports: framework?.ports ?? [],
      labels: own ? await labelsOf(own) : {},
      writable: framework || survey.hasNative ? ['/tmp'] : [],
    },
    notes: [
      ...start.notes,
      ...survey.notes(),
      ...(classPath.length > MAX_CLASS_PATH
        ? ['its class path is longer than Linux takes for an argument: make one jar of it']
        : []),
    ],
  };
}

/** Text of a member of a jar; for settings. */
export function textsOf(own: Jar): ReadText {
  return (name) => readTextOf(own, name);
}

function surveyOwn(survey: Survey, { path, zip }: Jar, main: string): Promise<void> {
  return asApplication(path, async () => {
    const file = fileOfClass(main);
    if (zip.members.has(file)) survey.addClass(await zip.peek(file), `${path}: ${file}`);
    const folder = `${folderOf(file)}/`;
    await survey.addJar(zip, path, (name) => name.startsWith(folder));
  });
}

/** A runnable class as an option of the JVM: `com.example.Main`. */
export function isClassName(text: string): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$][\p{L}\p{N}_$]*)*$/u.test(text);
}

/** Whether a jar names a main class that could be started. */
export function mainClassOf({ manifest }: Pick<Jar, 'manifest'>): string | undefined {
  const name = attributeOf(manifest, 'Main-Class');
  return name !== undefined && isClassName(name) ? name : undefined;
}
