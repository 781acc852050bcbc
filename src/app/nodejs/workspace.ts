import { invalid, readJson, readYaml } from '../common/documents.ts';
import { list } from '../common/left-out.ts';
import { folderOf } from '../common/paths.ts';
import { fieldsAt, textAt, textsAt, type Fields } from '../common/values.ts';
import type { PithError } from '../../core/index.ts';
import type { Project } from '../model.ts';

/** Manifests that are looked at for a list of what could be meant. */
const MAX_MEMBERS = 200;

/** Whether package.json is the root of a workspace of npm, Yarn or pnpm. */
export async function isWorkspaceRoot(project: Project, manifest: Fields): Promise<boolean> {
  const named = [
    ...textsAt(manifest, 'workspaces'),
    ...textsAt(fieldsAt(manifest, 'workspaces'), 'packages'),
  ];
  if (named.length > 0) return true;
  return textsAt((await readYaml(project, 'pnpm-workspace.yaml')) ?? {}, 'packages').length > 0;
}

/** The error for the root of a workspace in which nothing says what runs: it lists the packages that could be meant. */
export async function askForMember(project: Project): Promise<PithError> {
  const manifests = [...project.files.keys()]
    .filter((path) => path.endsWith('/package.json') && !path.includes('node_modules/'))
    .slice(0, MAX_MEMBERS);
  const programs: string[] = [];
  for (const path of manifests) {
    const manifest = (await readJson(project, path)) ?? {};
    const scripts = fieldsAt(manifest, 'scripts');
    if (textAt(scripts, 'start') !== undefined || textAt(scripts, 'start:prod') !== undefined)
      programs.push(folderOf(path));
  }
  const isPnpm = project.files.has('pnpm-workspace.yaml');
  const example = programs[0] ?? 'packages/NAME';
  return invalid(
    programs.length === 0
      ? 'package.json is the root of a workspace, and says nothing of what runs'
      : `package.json is the root of a workspace with several programs: ${list(programs, 6)}`,
    isPnpm
      ? `Pack one: \`pnpm --filter ./${example} deploy --prod out\`, then \`pith pack out\`.`
      : `Name the file that runs with \`--main ${example}/FILE\`, or pack a folder that has its own node_modules.`,
    'package.json',
  );
}
