import { PithError } from '../core/index.ts';
import { list } from './common/left-out.ts';
import { detectFiles } from './files.ts';
import { detectJava } from './java.ts';
import type { Application, ApplicationKind, AppRequest, Detector, Project } from './model.ts';
import { detectNative } from './native.ts';
import { detectNode } from './nodejs.ts';
import { detectPython } from './python.ts';

const DETECTORS: readonly (readonly [ApplicationKind, Detector])[] = [
  ['java', detectJava],
  ['nodejs', detectNode],
  ['python', detectPython],
  ['native', detectNative],
];

/** What each kind is looked for by, in the order of the detectors. */
const LOOKED_FOR: Readonly<Record<ApplicationKind, string>> = {
  java: 'a runnable jar or classes of Java',
  nodejs: 'a package.json or a script of Node.js',
  python: 'a Python project or script',
  native: 'an ELF program',
  files: 'files',
};

/**
 * Finds the applications that a project is.
 * @returns at least one; several if it could be any of them: those who asked have to choose a kind
 * @throws PithError APP_INVALID if it is none, or the only one cannot run: why, and what to do
 */
export async function detectApplications(project: Project, request: AppRequest): Promise<Application[]> {
  if (project.files.size === 0) throw empty(project);
  if (!hasKept(project)) return detectAmong(project, () => project, request);
  const all = await attempt(detectAmong(project, (kind) => viewFor(project, kind), request));
  if (all.found.length === 1) return all.found.map((one) => withKept(project, one));
  // Where that does not decide, the project without what `.dockerignore` names may.
  const without = viewFor(project, undefined);
  const { found } = await attempt(detectAmong(without, () => without, request));
  if (found.length === 1) return found;
  if (all.fault) throw all.fault;
  return all.found;
}

interface Attempt {
  readonly found: Application[];
  readonly fault?: PithError;
}

async function attempt(detecting: Promise<Application[]>): Promise<Attempt> {
  try {
    return { found: await detecting };
  } catch (error) {
    if (!(error instanceof PithError) || error.code !== 'APP_INVALID') throw error;
    return { found: [], fault: error };
  }
}

/** @param viewOf what a detector sees of the project */
async function detectAmong(
  project: Project,
  viewOf: (kind: ApplicationKind) => Project,
  request: AppRequest,
): Promise<Application[]> {
  const { kind } = request;
  const found: Application[] = [];
  const errors: PithError[] = [];
  for (const [name, detect] of DETECTORS) {
    if (kind !== undefined && kind !== name) continue;
    try {
      const application = await detect(viewOf(name), request);
      if (application) found.push(application);
    } catch (error) {
      if (!(error instanceof PithError) || error.code !== 'APP_INVALID') throw error;
      errors.push(error);
    }
  }
  if (found.length > 0) return found;
  if (errors.length > 0) throw joined(errors);
  const isFiles = kind === 'files' || (kind === undefined && request.main === undefined);
  const files = isFiles ? await detectFiles(viewOf('files'), request) : undefined;
  if (files) return [files];
  throw nothingFound(project, request);
}

function hasKept({ files }: Project): boolean {
  for (const { dependencyOf } of files.values()) if (dependencyOf !== undefined) return true;
  return false;
}

/** A project without the dependencies of other kinds that `.dockerignore` names. */
function viewFor(project: Project, kind: ApplicationKind | undefined): Project {
  const files = [...project.files].filter(
    ([, { dependencyOf }]) => dependencyOf === undefined || dependencyOf === kind,
  );
  return {
    name: project.name,
    single: project.single,
    files: new Map(files),
    read: (path, range) => project.read(path, range),
    elf: (path) => project.elf(path),
  };
}

/** Says what is packed though `.dockerignore` names it. */
function withKept({ files }: Project, application: Application): Application {
  const kept = new Set<string>();
  for (const layer of application.layers)
    for (const { path } of layer.files.values())
      if (files.get(path)?.dependencyOf !== undefined)
        kept.add(/^(?:.*?\/)?(?:node_modules|\.?venv)(?=\/)/.exec(path)?.[0] ?? path);
  if (kept.size === 0) return application;
  const line = `${list([...kept])}: packed though .dockerignore names it, for what is installed or built is what runs`;
  return { ...application, evidence: [...application.evidence, line] };
}

function empty({ name }: Project): PithError {
  return new PithError('APP_INVALID', `${name} holds no file that could be packed`, {
    hint: 'Build the application first, and check what .dockerignore leaves out.',
  });
}

/** What each detector says, with the first one's place. */
function joined(errors: readonly PithError[]): PithError {
  const [first] = errors;
  if (first && errors.length === 1) return first;
  const hints = [...new Set(errors.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))];
  return new PithError('APP_INVALID', errors.map(({ message }) => message).join('; or: '), {
    hint: hints.join(' '),
    cause: first,
  });
}

function nothingFound(project: Project, { kind, main }: AppRequest): PithError {
  const subject = main ?? project.name;
  if (main !== undefined && !project.files.has(main))
    return new PithError('APP_INVALID', `${main} is not among the files of ${project.name}`, {
      hint: 'Give its path relative to the folder. What .dockerignore leaves out is not there.',
    });
  if (kind !== undefined)
    return new PithError('APP_INVALID', `${subject} is not ${LOOKED_FOR[kind]}`, {
      hint: 'Without `--kind` pith looks for applications of every kind.',
    });
  const kinds = DETECTORS.map(([name]) => LOOKED_FOR[name]).join(', ');
  return new PithError('APP_INVALID', `${subject} is nothing that pith knows how to start`, {
    hint: `It looked for ${kinds}. \`--kind files\` packs it as it is.`,
  });
}
