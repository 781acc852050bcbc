import type { Application, Project } from '../../app/index.ts';
import { PithError } from '../../core/index.ts';
import { architectureOf } from '../../rootfs/index.ts';

/** Words for processors in the names of files and folders that there are for several of them. */
const PROCESSORS =
  /(?:^|[^a-z0-9])(?:x86[-_]64|amd64|x64|aarch64|arm64|armv[67](?:hf|l)?|armhf|arm|i[3-6]86|ia32|386|ppc64(?:le|el)?|powerpc64le|s390x|riscv64)(?![a-z0-9])/g;

/**
 * Checks that machine code is for a platform: the program, and the native parts of what is portable otherwise. A part that
 * is there for several processors, in places that tell which, needs to be there for this one.
 * @throws PithError APP_INVALID naming the files
 */
export async function checkArchitecture(
  project: Project,
  { title, kind, needs }: Application,
  platform: string,
): Promise<void> {
  const foreign: { path: string; architecture: string }[] = [];
  const places = new Set<string>();
  for (const path of needs.binaries) {
    const elf = await project.elf(path);
    const architecture = elf && architectureOf(elf);
    if (architecture === platform) places.add(placeOf(path));
    else if (architecture !== undefined) foreign.push({ path, architecture });
  }
  const missing = foreign.filter(({ path }) => kind === 'native' || !places.has(placeOf(path)));
  const [first] = missing;
  if (!first) return;
  const what = missing
    .slice(0, 5)
    .map(({ path, architecture }) => `${path} is for ${architecture}`)
    .join(', ');
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
  throw new PithError('APP_INVALID', `${title}: is not for ${platform}: ${what}${more}`, {
    path: first.path,
    hint:
      kind === 'native'
        ? `Build it for ${platform} and name it with \`--binary ${platform}=FILE\`, or pack for \`--platform ${first.architecture}\` (in a definition: \`platforms\`).`
        : `Install its native parts for ${platform}, or pack for \`--platform ${first.architecture}\`.`,
  });
}

/** The path without what names a processor. */
function placeOf(path: string): string {
  return path.toLowerCase().replace(PROCESSORS, '#');
}
