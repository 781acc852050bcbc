import type { FoundSecret } from '../../facts.ts';
import { isPlaceholder } from './likelihood.ts';
import { typeOfVariable } from './tokens.ts';

type Read = (text: string) => FoundSecret[];

const MAX_SECRETS = 100;
/** Certificates and keys of a kubeconfig in base64 have some 2500 characters, those of RSA with 4096 bits 4400. */
const MAX_LINE = 8192;
/** A name and a text of JSON. */
const VALUE_OF_STATE = /"(\w{1,80})"\s{0,4}:\s{0,4}"([^"]{8,})"/g;

/** Files whose place says that secrets are in them. The path has no slash before it. */
const FILES: readonly (readonly [RegExp, Read])[] = [
  [/(?:^|\/)\.docker\/config\.json$|(?:^|\/)\.dockercfg$|(?:^|\/)containers\/auth\.json$/, readDockerConfig],
  [/(?:^|\/)[._]netrc$/, readNetrc],
  [
    /(?:^|\/)\.?npmrc$|(?:^|\/)\.yarnrc(?:\.yml)?$/,
    byLine(
      /(?:_authToken|_password|_auth|npmAuthToken|npmAuthIdent)["']?\s*[=:]\s*["']?([^\s"']+)/,
      'npm-token',
    ),
  ],
  [
    /(?:^|\/)\.pypirc$|(?:^|\/)pip\.conf$/,
    byLine(/^password\s*[=:]\s*(\S+)|https?:\/\/[^\s/:@]+:([^\s/@]+)@/, 'pypi-password'),
  ],
  [/(?:^|\/)\.git-credentials$/, byLine(/^https?:\/\/[^\s/:@]*:([^\s/@]+)@/, 'git-credentials')],
  [/(?:^|\/)\.pgpass$/, byLine(/^(?:[^:#]*:){4}(.+)$/, 'database-password')],
  [/(?:^|\/)\.my\.cnf$/, byLine(/^password\s*=\s*["']?([^\s"']+)/, 'database-password')],
  [
    /(?:^|\/)\.kube\/config$|(?:^|\/)kubeconfig$|\.kubeconfig$|^etc\/kubernetes\/[^/]+\.conf$|^etc\/rancher\/[^/]+\/[^/]+\.yaml$/,
    byLine(
      /^-?\s*["']?(?:client-key-data|token|password|id-token|refresh-token)["']?:\s*["']?([^\s"',]+)/,
      'kubeconfig',
    ),
  ],
  [/\.tfstate(?:\.backup)?$/, readTerraformState],
  [
    /(?:^|\/)\.env(?!\.(?:example|sample|template|dist|defaults?)$)(?:\.[\w-]+)?$|(?:^|\/)[\w-]+\.env$/,
    readVariables,
  ],
];

/** What reads the secrets of a file with a known name; nothing for others. */
export function readerOfKnownFile(path: string): Read | undefined {
  return FILES.find(([form]) => form.test(path))?.[1];
}

/** Secrets that stand alone on their line. @param form whose first group that is there is the secret */
function byLine(form: RegExp, type: string): Read {
  return (text) => {
    const found: FoundSecret[] = [];
    for (const [index, line] of linesOf(text)) {
      if (/^[#;]/.test(line)) continue;
      const groups: readonly (string | undefined)[] = form.exec(line)?.slice(1) ?? [];
      const value = groups.find((group) => group !== undefined);
      if (value === undefined || isPlaceholder(value)) continue;
      found.push({ type, line: index + 1, hint: `(${value.length} characters)` });
      if (found.length === MAX_SECRETS) break;
    }
    return found;
  };
}

/** Docker's config.json(5), and that of Podman (containers-auth.json(5)). */
function readDockerConfig(text: string): FoundSecret[] {
  const config = asObject(JSON.parse(text));
  const registries = Object.entries(asObject(config['auths'] ?? config));
  return registries.slice(0, MAX_SECRETS).flatMap(([registry, value]) => {
    const { auth, password, identitytoken: token, registrytoken } = asObject(value);
    const user = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
    const secrets = [user.slice(user.indexOf(':') + 1), password, token, registrytoken];
    const isSecret = secrets.some((secret) => typeof secret === 'string' && !isPlaceholder(secret));
    if (!isSecret) return [];
    const at = text.indexOf(JSON.stringify(registry));
    return [
      { type: 'docker-auth', line: lineAt(text, Math.max(0, at)), hint: `for ${registry.slice(0, 100)}` },
    ];
  });
}

/** netrc(5): `machine HOST login USER password SECRET`, with any white space between the words. */
function readNetrc(text: string): FoundSecret[] {
  const found: FoundSecret[] = [];
  let machine = 'default';
  for (const { index, 1: word = '', 2: value = '' } of text.matchAll(/\b(machine|password)\s+(\S+)/g)) {
    if (word === 'machine') machine = value;
    else if (!isPlaceholder(value) && found.length < MAX_SECRETS)
      found.push({ type: 'netrc', line: lineAt(text, index), hint: `for ${machine.slice(0, 100)}` });
  }
  return found;
}

/** Terraform writes all values of resources, those that are sensitive too. */
function readTerraformState(text: string): FoundSecret[] {
  if (!text.includes('"terraform_version"')) return [];
  const found: FoundSecret[] = [];
  for (const { index, 1: name = '', 2: secret = '' } of text.matchAll(VALUE_OF_STATE)) {
    if (!/password|secret|private_key|access_key|token/.test(name)) continue;
    if (isPlaceholder(secret)) continue;
    found.push({
      type: 'terraform-state',
      line: lineAt(text, index),
      hint: `${name} (${secret.length} characters)`,
    });
    if (found.length === MAX_SECRETS) break;
  }
  return found;
}

/** A file of variables, `NAME=VALUE` a line. */
function readVariables(text: string): FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const [index, line] of linesOf(text)) {
    const [, name = '', quoted = ''] = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=(.*)$/.exec(line) ?? [];
    const value = quoted.trim().replace(/^(["'])(.*)\1$/, '$2');
    const type = name === '' ? undefined : typeOfVariable(name, value);
    if (type) found.push({ type, line: index + 1, hint: `${name}=…(${value.length} characters)` });
    if (found.length === MAX_SECRETS) break;
  }
  return found;
}

/** The lines with their numbers from 0, without space around them; what is longer than any secret is left out. */
function linesOf(text: string): [number, string][] {
  return [...text.split('\n').entries()].flatMap(([index, line]) =>
    line.length > MAX_LINE ? [] : [[index, line.trim()]],
  );
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
