import { asApplication } from '../common/as-application.ts';
import { byText } from '../../core/index.ts';
import { parentsOf } from '../../rootfs/index.ts';
import { invalid } from '../common/documents.ts';
import { list } from '../common/left-out.ts';
import { folderOf, isIn, join, normalise } from '../common/paths.ts';
import type { Application, Project } from '../model.ts';
import { frameworkOf } from './framework.ts';
import { isJarName, type Jar, openJar, readTextOf } from './jar.ts';
import { labelsOf } from './labels.ts';
import { APP, JAVA, layerOfDependency, Layout } from './layout.ts';
import { attributeOf } from './manifest.ts';
import { builtWith, Survey } from './survey.ts';

/** Jars that a class path may name, with those that they name. */
const MAX_JARS = 5000;

/** Files that a jar needs beside it. */
interface Beside {
  readonly jars: readonly Jar[];
  /** Files in folders of the class path, and what is no jar. */
  readonly files: readonly string[];
  readonly missing: readonly string[];
}

/**
 * A jar with a main class, with what its `Class-Path` names beside it (JAR File Specification, "Class-Path Attribute").
 * @throws PithError APP_INVALID if its main class is nowhere
 */
export async function packRunnableJar(project: Project, jar: Jar): Promise<Application> {
  const { path, manifest, zip } = jar;
  const main = attributeOf(manifest, 'Main-Class') ?? '';
  const beside = await findBeside(project, jar);
  checkMain(jar, main, beside);
  const all = [path, ...beside.jars.map((one) => one.path), ...beside.files];
  const home = commonFolder(all);
  const place = (file: string): string => `${APP}/${home === '' ? file : file.slice(home.length + 1)}`;
  const layout = new Layout(['dependencies', 'snapshot-dependencies', 'resources', 'application']);
  for (const one of beside.jars) layout.add(layerOfDependency(one.path), place(one.path), { path: one.path });
  for (const file of beside.files) layout.add('resources', place(file), { path: file });
  layout.add('application', place(path), { path });
  const survey = await asApplication(path, () => surveyOf(jar, main, beside.jars));
  const framework = await frameworkOf([zip, ...beside.jars.map((one) => one.zip)], (name) =>
    readTextOf(jar, name),
  );
  return {
    kind: 'java',
    title: framework ? `Java application (${framework.name})` : 'Java application (jar)',
    evidence: [
      `${path}: its manifest names the main class ${main}`,
      ...(beside.jars.length === 0
        ? []
        : [`${path}: jars beside it in its class path: ${beside.jars.length}`]),
      ...builtWith(manifest, path),
    ],
    layers: layout.layers(),
    needs: { runtime: survey.runtime(), binaries: [], libraries: [], certificates: false, timeZones: false },
    config: {
      entrypoint: [JAVA, ...survey.options(), '-jar', place(path)],
      workdir: APP,
      env: {},
      ports: framework?.ports ?? [],
      labels: await labelsOf(jar),
      writable: framework || survey.hasNative ? ['/tmp'] : [],
    },
    notes: [...missingNote(project, path, beside.missing), ...survey.notes()],
  };
}

function missingNote({ single }: Project, path: string, missing: readonly string[]): string[] {
  if (missing.length === 0) return [];
  const how = single === undefined ? '' : `: pack the folder that holds them, with \`--main ${path}\``;
  return [`${path}: its class path names what is not there (${list(missing)})${how}`];
}

async function surveyOf({ path, zip }: Jar, main: string, beside: readonly Jar[]): Promise<Survey> {
  const survey = new Survey();
  const file = fileOfClass(main);
  if (zip.members.has(file)) survey.addClass(await zip.peek(file), `${path}: ${file}`);
  const own = `${folderOf(file)}/`;
  await survey.addJar(zip, path, (name) => own !== '/' && name.startsWith(own));
  for (const one of beside) await survey.addLibrary(() => Promise.resolve(one.zip), one.path);
  return survey;
}

function checkMain({ path, zip }: Jar, main: string, { jars, files, missing }: Beside): void {
  const file = fileOfClass(main);
  if ([zip, ...jars.map((one) => one.zip)].some(({ members }) => members.has(file))) return;
  if (files.some((one) => one.endsWith(`/${file}`))) return;
  const lost = missing.length === 0 ? '' : `, and of its class path ${list(missing)} is not there`;
  throw invalid(
    `${path}: its main class ${main} is not in it${lost}`,
    'Build it anew, with the jars of its class path beside it, or as one jar that holds them.',
    path,
  );
}

export function fileOfClass(name: string): string {
  return `${name.replaceAll('.', '/')}.class`;
}

/** What `Class-Path` names, and what the jars that it names do, relative to each of them. */
async function findBeside(project: Project, jar: Jar): Promise<Beside> {
  const jars = new Map<string, Jar>();
  const files = new Set<string>();
  const missing: string[] = [];
  const queue = [jar];
  for (let next = queue.shift(); next && jars.size < MAX_JARS; next = queue.shift()) {
    for (const entry of attributeOf(next.manifest, 'Class-Path')?.split(/\s+/) ?? []) {
      const path = resolveEntry(folderOf(next.path), entry);
      const isKnown =
        path === jar.path || path === folderOf(jar.path) || (path !== undefined && jars.has(path));
      if (isKnown) continue;
      const inside = path === undefined ? [] : filesAt(project, path, entry.endsWith('/'));
      // Libraries name what they can do without.
      if (inside.length === 0 && next === jar) missing.push(entry);
      for (const file of inside) {
        if (isJarName(file) && !entry.endsWith('/')) {
          const found = await openJar(project, file);
          jars.set(file, found);
          queue.push(found);
        } else files.add(file);
      }
    }
  }
  return { jars: [...jars.values()], files: [...files].sort(byText), missing };
}

/** A URL relative to the jar as a path of the project; undefined for one that leads out of it. */
function resolveEntry(folder: string, entry: string): string | undefined {
  if (/^[A-Za-z][\w+.-]*:/.test(entry)) return undefined;
  try {
    return normalise(join(folder, decodeURIComponent(entry)));
  } catch {
    return undefined;
  }
}

function filesAt(project: Project, path: string, isFolder: boolean): string[] {
  if (!isFolder) return project.files.get(path)?.type === 'file' ? [path] : [];
  return [...project.files.values()].flatMap((file) =>
    file.type === 'file' && isIn(path, file.path) ? [file.path] : [],
  );
}

/** The innermost folder that all files are in. */
function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths;
  return parentsOf(first).findLast((folder) => others.every((path) => isIn(folder, path))) ?? '';
}
