import { stringify } from 'yaml';
import { testLicences, licenceFiles } from './licences.ts';
import { formatFileMode } from './file-mode.ts';
import type { TestedImage, TestedText } from './tested-image.ts';
import { variablesOf } from './variables.ts';

const PASSWD = '/etc/passwd';
const OS_RELEASE = '/etc/os-release';
const LICENCES = { debian: true, files: [] };
/** What an image is asked to keep, if it has it. */
const KEPT: readonly (readonly [string, string])[] = [
  ['certificates', '/etc/ssl/certs/ca-certificates.crt'],
  ['time zones', '/usr/share/zoneinfo/UTC'],
];
const TEMPORARY = '/tmp';
/** What an image that runs one application can do without, so that it stays out once it is. */
const WITHOUT: readonly (readonly [string, string])[] = [
  ...['sh', 'bash', 'dash', 'busybox'].map((name) => ['shell', `/bin/${name}`] as const),
  ...['/usr/bin/apt', '/usr/bin/dpkg', '/sbin/apk', '/usr/bin/rpm'].map(
    (path) => ['package manager', path] as const,
  ),
  ...['/usr/bin/curl', '/usr/bin/wget'].map((path) => ['download tool', path] as const),
];

interface Existence {
  readonly name: string;
  readonly path: string;
  readonly shouldExist: boolean;
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly isExecutableBy?: string;
}

/**
 * A first test file for an image, made of what it is: it passes on it.
 * @param title what the image is called
 * @throws as TestedImage.read
 */
export async function initTests(image: TestedImage, title: string): Promise<string> {
  const licences = licenceFiles(LICENCES, image);
  const contents = await image.read([PASSWD, OS_RELEASE, ...licences]);
  const passwd = linesOf(contents.get(PASSWD));
  const hasLicences = licences.length > 0 && testLicences(LICENCES, image, contents).outcome === 'pass';
  const tests = {
    schemaVersion: '2.0.0',
    metadataTest: metadataOf(image),
    fileExistenceTests: [...existenceTests(image, passwd)],
    fileContentTests: [
      ...contentTest('accounts', PASSWD, accountsOf(image, passwd)),
      ...contentTest(
        'distribution',
        OS_RELEASE,
        linesOf(contents.get(OS_RELEASE)).filter((line) => /^(ID|VERSION_ID)=/.test(line)),
      ),
    ],
    ...(hasLicences ? { licenseTests: [{ debian: true }] } : {}),
  };
  const comment = `# What ${title.replace(/\s+/g, ' ')} (${image.platform}) is; run it with \`pith test\`.\n`;
  return comment + stringify(tests, { lineWidth: 0 });
}

function metadataOf({ config }: TestedImage): object {
  const env = Object.entries(variablesOf(config.Env ?? []));
  const ports = Object.keys(config.ExposedPorts ?? {}).map((port) => port.split('/')[0] ?? port);
  const volumes = Object.keys(config.Volumes ?? {});
  return {
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    ...(config.User ? { user: config.User } : {}),
    ...(config.WorkingDir ? { workdir: config.WorkingDir } : {}),
    ...(env.length > 0 ? { envVars: env.map(([key, value]) => ({ key, value })) } : {}),
    ...(ports.length > 0 ? { exposedPorts: [...new Set(ports)] } : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
  };
}

function* existenceTests(image: TestedImage, passwd: readonly string[]): Generator<Existence> {
  const program = mainProgram(image);
  const file = program === undefined ? undefined : image.stat(program);
  if (program !== undefined && file)
    yield {
      name: 'main program',
      path: program,
      shouldExist: true,
      ...(file.mode & 0o111 ? { isExecutableBy: 'any' } : {}),
    };
  for (const [name, path] of KEPT) if (image.stat(path)) yield { name, path, shouldExist: true };
  const temporary = image.stat(TEMPORARY);
  if (temporary)
    yield {
      name: 'temporary folder',
      path: TEMPORARY,
      shouldExist: true,
      permissions: formatFileMode(temporary),
    };
  const home = homeOf(image, passwd);
  const status = home === undefined ? undefined : image.stat(home);
  if (home !== undefined && status)
    yield { name: "the user's home", path: home, shouldExist: true, uid: status.uid, gid: status.gid };
  for (const [what, path] of WITHOUT)
    if (!image.stat(path)) yield { name: `no ${what}: ${path}`, path, shouldExist: false };
}

/** The file that the image starts, if it can be found. */
function mainProgram(image: TestedImage): string | undefined {
  const { config } = image;
  const [program] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (program === undefined || program === '') return undefined;
  const folders = program.includes('/')
    ? [program.startsWith('/') ? '' : `${config.WorkingDir ?? ''}/`]
    : (variablesOf(config.Env ?? [])['PATH'] ?? '').split(':').map((folder) => `${folder}/`);
  return folders.map((folder) => image.realPath(`${folder}${program}`)).find((path) => path !== undefined);
}

/** The line of /etc/passwd for the image's user, or the first one. */
function accountsOf(image: TestedImage, passwd: readonly string[]): readonly string[] {
  const own = accountOf(image, passwd);
  return own === undefined ? passwd.slice(0, 1) : [own];
}

function accountOf({ config }: TestedImage, passwd: readonly string[]): string | undefined {
  const [user = ''] = (config.User ?? '').split(':');
  return passwd.find((line) => {
    const [name, , uid] = line.split(':');
    return name === (user === '' ? 'root' : user) || (uid === user && user !== '');
  });
}

function homeOf(image: TestedImage, passwd: readonly string[]): string | undefined {
  const home = accountOf(image, passwd)?.split(':')[5];
  return home?.startsWith('/') && home !== '/' ? home : undefined;
}

function contentTest(name: string, path: string, lines: readonly string[]): object[] {
  return lines.length === 0
    ? []
    : [{ name, path, expectedContents: lines.map((line) => `(?m)^${quoted(line)}$`) }];
}

function linesOf(content: TestedText | undefined): string[] {
  return content && 'text' in content ? content.text.split('\n').filter((line) => line !== '') : [];
}

/** The expression that finds a text as it stands. */
function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
