import { parentsOf } from '../rootfs/index.ts';
import { invalid, isFile, peekText, readJson } from './common/documents.ts';
import { PEEK, portsOfJavaScript } from './common/ports.ts';
import { join } from './common/paths.ts';
import type { Fields } from './common/values.ts';
import type { Application, AppRequest, Detector, Project } from './model.ts';
import { checkInstalled } from './nodejs/installed.ts';
import { findStart } from './nodejs/main-file.ts';
import { labelsOf, requiredNames } from './nodejs/manifest.ts';
import { findOutput, type Output } from './nodejs/outputs.ts';
import { findManager } from './nodejs/package-manager.ts';
import { findModuleVersions } from './nodejs/module-version.ts';
import { findRuntime } from './nodejs/runtime.ts';
import { selectFiles } from './nodejs/select-files.ts';
import { detectSingleScript } from './nodejs/single-script.ts';
import type { Start } from './nodejs/start-script.ts';
import { describeTypeScript } from './nodejs/typescript.ts';
import { askForMember, isWorkspaceRoot } from './nodejs/workspace.ts';

const NODE = '/nodejs/bin/node';
const USUAL_ALONE = ['server', 'index', 'main', 'app'].flatMap((name) =>
  ['js', 'mjs', 'cjs'].flatMap((ending) => [`${name}.${ending}`, `dist/${name}.${ending}`]),
);
/** Files of projects that have a package.json for their web pages only. */
const OF_OTHERS = [
  'pyproject.toml',
  'requirements.txt',
  'manage.py',
  'pom.xml',
  'build.gradle',
  'go.mod',
  'Cargo.toml',
  'index.html',
];

/**
 * Node.js: a project with a package.json and its dependencies, the output of Nitro, Next.js or `pnpm deploy`, a bundle, a file.
 * Nothing is run or resolved anew: what is installed is what is packed.
 */
export const detectNode: Detector = async (project, request) => {
  if (request.kind !== undefined && request.kind !== 'nodejs') return undefined;
  if (request.main !== undefined && request.kind === undefined && !/\.[cm]?[jt]sx?$/.test(request.main))
    return undefined;
  if (project.single !== undefined) return detectSingleScript(project, project.single);
  const manifest = (await readJson(project, 'package.json')) ?? {};
  const output = await findOutput(project);
  if (output && (request.main === undefined || request.main === output.main))
    return packOutput(project, manifest, output);
  return isFile(project, 'package.json')
    ? packProject(project, manifest, request)
    : packLoose(project, request);
};

async function packOutput(project: Project, manifest: Fields, output: Output): Promise<Application> {
  const selected = await selectFiles(project, {
    place: output.place,
    main: output.main,
    dependencies: 'node_modules',
    isOutput: true,
  });
  const main = output.place(output.main) ?? output.main;
  return {
    kind: 'nodejs',
    title: output.title,
    evidence: output.evidence,
    layers: selected.layers,
    needs: await needsOf(project, manifest, output.main, selected.binaries),
    config: {
      entrypoint: [NODE, main],
      workdir: '/app',
      env: { NODE_ENV: 'production', ...output.env },
      ports: output.ports,
      labels: labelsOf(manifest),
      writable: output.writable.map((path) => `/app/${path}`),
    },
    notes: [...output.notes, ...selected.notes],
  };
}

async function packProject(
  project: Project,
  manifest: Fields,
  request: AppRequest,
): Promise<Application | undefined> {
  const isOther = request.kind === undefined && OF_OTHERS.some((path) => project.files.has(path));
  const start = await findStart(project, manifest, request);
  if (!start) {
    if (isOther) return undefined;
    if (await isWorkspaceRoot(project, manifest)) throw await askForMember(project);
    if (request.kind === undefined && requiredNames(manifest).length === 0) return undefined;
    throw invalid(
      'package.json says nothing of what runs',
      'Name the file that runs with `--main FILE`, or write a script "start": "node FILE".',
      'package.json',
    );
  }
  const manager = await findManager(project, manifest);
  const home = homeOf(project, start.file);
  const own =
    home === '' ? manifest : { ...manifest, ...(await readJson(project, join(home, 'package.json'))) };
  const installed = await checkInstalled(project, own, manager, start.file, home);
  const isDeployed =
    manager.name === 'pnpm' &&
    [...project.files.keys()].some((path) => path.startsWith('node_modules/.pnpm/'));
  return packStart(project, own, start, {
    title: installed.by === 'none' ? 'Node.js application' : `Node.js application (${manager.name})`,
    dependencies: installed.by,
    evidence: [
      ...(manager.lockfile === undefined
        ? []
        : [`${manager.lockfile}: the dependencies are installed by ${manager.name}`]),
      ...(isDeployed ? ['node_modules/.pnpm: packages as pnpm lays them out; their links stay'] : []),
      ...installed.evidence,
    ],
    notes: installed.notes,
  });
}

/** Folder of the package.json that a file is under, which in a workspace is not the first one. */
function homeOf(project: Project, file: string): string {
  if (file.includes('node_modules/')) return '';
  return parentsOf(file).findLast((folder) => isFile(project, join(folder, 'package.json'))) ?? '';
}

/** A folder without a package.json: a build, or a few files. */
async function packLoose(project: Project, request: AppRequest): Promise<Application | undefined> {
  const usual = USUAL_ALONE.filter((path) => isFile(project, path));
  if (
    request.main === undefined &&
    request.kind === undefined &&
    OF_OTHERS.some((path) => project.files.has(path))
  )
    return undefined;
  const main = request.main ?? usual[0];
  if (main === undefined) return undefined;
  const start = await findStart(project, {}, { ...request, main });
  return (
    start &&
    packStart(project, {}, request.main === undefined ? { ...start, evidence: `${main} is there` } : start, {
      title: 'Node.js application',
      dependencies: 'node_modules',
      evidence: [],
      notes: [],
    })
  );
}

interface About {
  readonly title: string;
  readonly dependencies: 'node_modules' | 'pnp' | 'none';
  readonly evidence: readonly string[];
  readonly notes: readonly string[];
}

async function packStart(
  project: Project,
  manifest: Fields,
  start: Start,
  about: About,
): Promise<Application> {
  const typescript = describeTypeScript(start.file);
  const text = await peekText(project, start.file, PEEK);
  const isNext = start.file.endsWith('node_modules/next/dist/bin/next');
  const selected = await selectFiles(project, {
    place: (path) => path,
    main: start.file,
    dependencies: about.dependencies,
    isOutput: false,
  });
  return {
    kind: 'nodejs',
    title: about.title,
    evidence: [start.evidence, ...about.evidence],
    layers: selected.layers,
    needs: await needsOf(project, manifest, start.file, selected.binaries),
    config: {
      entrypoint: [
        NODE,
        ...pnpFlags(project, about.dependencies),
        ...start.flags,
        start.written,
        ...start.args,
      ],
      workdir: '/app',
      env: { NODE_ENV: 'production', ...start.env },
      ports: isNext ? ['3000/tcp'] : portsOfJavaScript(text),
      labels: labelsOf(manifest),
      writable: isNext ? ['/app/.next/cache'] : [],
    },
    notes: [
      ...start.notes,
      ...about.notes,
      ...(typescript ? [typescript.note] : []),
      ...(isNext ? ["`output: 'standalone'` in next.config makes a much smaller image"] : []),
      ...(isNext || text.includes('SIGTERM') ? [] : [adviseOnSignals(start.file)]),
      ...selected.notes,
    ],
  };
}

/** The first process of a container gets only the signals that it handles (pid_namespaces(7)). */
function adviseOnSignals(file: string): string {
  return `${file} names no SIGTERM: unless something handles it, stopping waits until the engine kills (\`process.on('SIGTERM', …)\`, or run with \`--init\`)`;
}

/** Yarn's own way to start Node.js with Plug'n'Play (Yarn documentation, "PnP API", initialisation). */
function pnpFlags(project: Project, dependencies: About['dependencies']): string[] {
  if (dependencies !== 'pnp') return [];
  const loader = isFile(project, '.pnp.loader.mjs') ? ['--experimental-loader', './.pnp.loader.mjs'] : [];
  return ['-r', './.pnp.cjs', ...loader];
}

async function needsOf(
  project: Project,
  manifest: Fields,
  main: string,
  binaries: readonly string[],
): Promise<Application['needs']> {
  const typescript = describeTypeScript(main);
  return {
    runtime: await findRuntime(project, manifest, [
      ...(typescript ? [typescript.condition] : []),
      ...(await findModuleVersions(project, binaries)),
    ]),
    binaries,
    libraries: [],
    // Node.js brings its own certificates and time zones.
    certificates: false,
    timeZones: false,
  };
}
