import { peekText } from '../common/documents.ts';
import type { Project } from '../model.ts';

const SPEAK_TLS = [
  'requests',
  'httpx',
  'urllib3',
  'aiohttp',
  'certifi',
  'botocore',
  'boto3',
  'grpcio',
  'websockets',
  'niquests',
];
const KNOW_ZONES = ['pytz', 'tzdata', 'tzlocal', 'python-dateutil', 'pendulum', 'arrow', 'babel', 'django'];
const IMPORT_TLS =
  /^[ \t]{0,40}(?:import|from)[ \t]+(?:ssl|urllib\.request|http\.client|smtplib|imaplib|ftplib)\b/m;
const IMPORT_ZONES = /^[ \t]{0,40}(?:import|from)[ \t]+zoneinfo\b/m;
const MAX_FILES = 300;
const PEEK = 64 << 10;

/** Whether an application speaks TLS to others or shows local times, as its packages and its own imports tell. */
export async function findUses(
  project: Project,
  installed: ReadonlyMap<string, string>,
  isOwn: (path: string) => boolean,
): Promise<{
  readonly certificates: boolean;
  readonly timeZones: boolean;
  readonly notes: readonly string[];
}> {
  let certificates = SPEAK_TLS.some((name) => installed.has(name));
  let timeZones = KNOW_ZONES.some((name) => installed.has(name));
  const own = [...project.files.keys()].filter((path) => path.endsWith('.py') && isOwn(path));
  for (const path of own.slice(0, MAX_FILES)) {
    if (certificates && timeZones) break;
    const text = await peekText(project, path, PEEK);
    certificates ||= IMPORT_TLS.test(text);
    timeZones ||= IMPORT_ZONES.test(text);
  }
  return {
    certificates,
    timeZones,
    notes: installed.has('certifi')
      ? [
          'certifi brings certificates of its own: those that are added to the image do not matter to it (REQUESTS_CA_BUNDLE changes that for requests)',
        ]
      : [],
  };
}
