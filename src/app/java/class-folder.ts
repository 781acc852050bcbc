import { byText } from '../../core/index.ts';
import { invalid } from '../common/documents.ts';
import { list, whyLeftOut } from '../common/left-out.ts';
import { folderOf, isIn, join } from '../common/paths.ts';
import type { Application, Project } from '../model.ts';
import { readMainClass } from './class-file.ts';
import { isClassName, packClassPath } from './class-path.ts';
import { isJarName, openJar } from './jar.ts';
import { APP, layerOfDependency, Layout } from './layout.ts';

/** Folders of classes with those of the jars that they need: of Maven, and what people make by hand. */
const PLACES = [
  { classes: 'target/classes', jars: ['target/dependency', 'target/lib', 'target/libs'] },
  { classes: 'classes', jars: ['dependency', 'lib', 'libs'] },
] as const;
/** Where compilers put classes that need no jars; the folder itself is the last. */
const BARE_PLACES = ['classes', 'target/classes', 'build/classes/java/main', 'out', 'bin', ''];
const JARS = ['dependency', 'lib', 'libs'];
/** Class files that are looked at for a main method. */
const MAX_CLASSES = 5000;
const MAX_CLASS = 1 << 20;

/** Classes in a folder, with the jars beside them. */
interface ClassFolder {
  readonly classes: string;
  readonly files: readonly string[];
  readonly jars: readonly string[];
}

/** A folder of classes that has its jars beside it, as `mvn dependency:copy-dependencies` puts them. */
export function findClassFolder({ files }: Project): ClassFolder | undefined {
  for (const { classes, jars } of PLACES) {
    const own = [...files.values()].filter(({ path, type }) => type === 'file' && isIn(classes, path));
    if (!own.some(({ path }) => path.endsWith('.class'))) continue;
    const beside = [...files.values()].filter(
      ({ path, type }) =>
        type === 'file' && isJarName(path) && jars.some((folder) => folder === folderOf(path)),
    );
    if (beside.length === 0) continue;
    return {
      classes,
      files: own.map(({ path }) => path),
      jars: beside.map(({ path }) => path).sort(byText),
    };
  }
  return undefined;
}

/**
 * A folder of classes as `javac -d` fills it, one of which has a main method; jars may lie in `lib` beside it.
 * @param main the class file that was asked for: the folder is then the one that its packages lie in
 */
export async function findBareClasses(
  project: Project,
  main: string | undefined,
): Promise<ClassFolder | undefined> {
  const classes = main === undefined ? await findRoot(project) : await rootOf(project, main);
  if (classes === undefined) return undefined;
  const kept = [...project.files.values()]
    .filter(({ path, type }) => type === 'file' && whyLeftOut(path) === undefined)
    .map(({ path }) => path);
  const places = JARS.map((name) => join(folderOf(classes), name));
  const jars = kept.filter((path) => isJarName(path) && places.includes(folderOf(path)));
  return {
    classes,
    files: kept.filter((path) => isIn(classes, path) && !jars.includes(path)),
    jars: jars.sort(byText),
  };
}

async function findRoot(project: Project): Promise<string | undefined> {
  const classes = [...project.files.values()].filter(
    ({ path, type, size }) => type === 'file' && path.endsWith('.class') && size <= MAX_CLASS,
  );
  const roots = new Set<string>();
  for (const { path } of classes.slice(0, MAX_CLASSES)) {
    const root = await rootOf(project, path);
    if (root !== undefined) roots.add(root);
  }
  return BARE_PLACES.find((place) => roots.has(place));
}

/** The folder that a class path names for a class with a main method: its packages are the folders below it. */
async function rootOf(project: Project, path: string): Promise<string | undefined> {
  if ((project.files.get(path)?.size ?? MAX_CLASS + 1) > MAX_CLASS) return undefined;
  const name = readMainClass(await project.read(path));
  const below = name === undefined ? '' : `/${name.replaceAll('.', '/')}.class`;
  if (below === '' || !`/${path}`.endsWith(below)) return undefined;
  return path.slice(0, Math.max(0, path.length - below.length));
}

/** @throws PithError APP_INVALID if it has no main class, or several of which none is named */
export async function packClassFolder(
  project: Project,
  folder: ClassFolder,
  asked: string | undefined,
): Promise<Application> {
  const { classes, files, jars: paths } = folder;
  const main = await chooseMain(project, folder, asked);
  const jars = [];
  for (const path of paths) jars.push(await openJar(project, path));
  const layout = new Layout(['dependencies', 'snapshot-dependencies', 'resources', 'application']);
  const place = (path: string): string => `${APP}/lib/${path.slice(folderOf(path).length + 1)}`;
  for (const path of paths) layout.add(layerOfDependency(path), place(path), { path });
  for (const path of files) {
    const layer = path.endsWith('.class') ? 'application' : 'resources';
    layout.add(layer, `${APP}/classes/${classes === '' ? path : path.slice(classes.length + 1)}`, { path });
  }
  const readText = async (name: string): Promise<string | undefined> => {
    const path = join(classes, name);
    return files.includes(path) ? Buffer.from(await project.read(path)).toString('utf8') : undefined;
  };
  return packClassPath(project, {
    title: jars.length > 0 ? 'Java application (classes and jars)' : 'Java application (classes)',
    evidence: [
      `${classes === '' ? project.name : classes}: ${main} has a main method`,
      ...(jars.length > 0 ? [`jars beside them: ${jars.length}`] : []),
    ],
    main,
    options: [],
    classPath: [`${APP}/classes`, ...paths.map(place)],
    layout,
    own: undefined,
    libraries: jars,
    classes: files.filter((path) => path.endsWith('.class')),
    readText,
    notes: [],
  });
}

async function chooseMain(
  project: Project,
  { classes, files }: ClassFolder,
  asked: string | undefined,
): Promise<string> {
  const found = new Map<string, string>();
  const candidates = asked === undefined ? files : files.filter((path) => path === asked);
  for (const path of candidates.filter((one) => one.endsWith('.class')).slice(0, MAX_CLASSES)) {
    if ((project.files.get(path)?.size ?? 0) > MAX_CLASS) continue;
    const name = readMainClass(await project.read(path));
    const isFound = name !== undefined && path === `${join(classes, name.replaceAll('.', '/'))}.class`;
    if (isFound && isClassName(name)) found.set(name, path);
  }
  const [only, ...others] = found.keys();
  if (only === undefined)
    throw invalid(
      `${asked ?? classes}: no class with \`public static void main(String[])\``,
      'Name the class file that has it with `--main PATH`.',
      classes,
    );
  if (others.length > 0)
    throw invalid(
      `${classes}: several classes have a main method: ${list([...found.keys()], 8)}`,
      `Name one with \`--main\`, such as \`--main ${found.get(only) ?? ''}\`.`,
      classes,
    );
  return only;
}
