import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../../testing/tools.ts';
import type { FoundSecret } from '../../facts.ts';
import { readFacts } from '../fixtures.ts';
import { findSecretInVariable, findSecrets } from './find.ts';
import { secretsReader } from './reader.ts';

/** Texts that look drawn by lot but are always the same; no secret of anybody. */
function random(
  length: number,
  alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
): string {
  let state = 42;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return alphabet[Math.floor((state / 2 ** 32) * alphabet.length)];
  }).join('');
}

/** A token with GitHub's checksum. */
function checked(prefix: string): string {
  const body = random(30);
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let text = '';
  for (let sum = crc32(body); text.length < 6; sum = Math.floor(sum / 62))
    text = (digits[sum % 62] ?? '') + text;
  return `${prefix}${body}${text}`;
}

async function secretsOf(path: string, text: string | Uint8Array): Promise<readonly FoundSecret[]> {
  const facts = await readFacts(secretsReader, path, text, { pieces: 500 });
  return facts.flatMap((fact) => (fact.kind === 'secrets' ? fact.secrets : []));
}

const types = (secrets: readonly FoundSecret[]): string[] => secrets.map(({ type }) => type);

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const sec1 = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
const encrypted = privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const legacy = privateKey
  .export({ type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString();
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${b64({ alg: 'HS256', typ: 'JWT' })}.${b64({ sub: 'me', exp: 1 })}.${random(43)}`;

describe('secrets that tell by their form what they are', () => {
  it.each<[string, string, string]>([
    ['a key', pkcs8, 'private-key'],
    ['a key of the older form', sec1, 'private-key'],
    ['a key with another line end', pkcs8.replaceAll('\n', '\r\n'), 'private-key'],
    ['an encrypted key', encrypted, 'encrypted-private-key'],
    ['a key that is encrypted in the older way', legacy, 'encrypted-private-key'],
    ['a key in JSON', JSON.stringify({ key: pkcs8 }), 'private-key'],
    [
      'an account of a service',
      JSON.stringify({ type: 'service_account', private_key: pkcs8 }),
      'gcp-service-account',
    ],
    [
      "a key in PuTTY's form",
      'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPrivate-Lines: 1\nAAAA\n',
      'private-key',
    ],
    [
      'the same, encrypted',
      'PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\nComment: x\nPrivate-Lines: 1\nAAAA\n',
      'encrypted-private-key',
    ],
    ["AWS's key", `id = AKIA${random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}\n`, 'aws-access-key'],
    ["AWS's secret", `aws_secret_access_key = ${random(40)}\n`, 'aws-secret-key'],
    ["GitHub's", `x ${checked('ghp_')} y`, 'github-token'],
    ["GitHub's fine-grained", `github_pat_${random(22)}_${random(59)}`, 'github-token'],
    ["GitLab's", `glpat-${random(20)}`, 'gitlab-token'],
    ["npm's", `//r/:x=${checked('npm_')}`, 'npm-token'],
    ["PyPI's", `pypi-AgEIcHlwaS5vcmc${random(80)}`, 'pypi-token'],
    ["Slack's", `xoxb-${random(12, '123456789')}-${random(12, '123456789')}-${random(24)}`, 'slack-token'],
    ["Stripe's", `sk_live_${random(24)}`, 'stripe-key'],
    ["Google's", `"AIza${random(35)}"`, 'google-api-key'],
    ["Azure's", `AccountKey=${random(86)}==;`, 'azure-storage-key'],
    ['a token with a signature', `Bearer ${jwt}`, 'jwt'],
  ])('%s', async (_what, text, type) => {
    const found = await secretsOf('srv/file', `first\n${text}\nlast\n`);
    expect(found).toMatchObject([{ type, line: 2 }]);
    const hint = found[0]?.hint ?? '';
    for (const word of text.split(/[\s=":]+/).filter((part) => part.length > 20 && /\d/.test(part)))
      expect(hint).not.toContain(word.slice(8, 24));
  });

  it.each<[string, string]>([
    ["AWS's documentation", 'AKIAIOSFODNN7EXAMPLE'],
    ["AWS's documentation", 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a token of GitHub with a wrong checksum', `ghp_${random(36)}`],
    ['a token in a longer word', `x${checked('ghp_')}`],
    [
      'what shows how a key looks',
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg...\n-----END PRIVATE KEY-----\n',
    ],
    ['a key that is cut', pkcs8.replace(/\n[^\n]{20}/, '\n')],
    ['a key without an end', pkcs8.slice(0, -30)],
    ['a public key', pkcs8.replaceAll('PRIVATE', 'PUBLIC')],
    ['words of a program', "throw new Error('no -----BEGIN PRIVATE KEY-----')"],
    [
      "a token of everybody's",
      `${b64({ alg: 'HS256', typ: 'JWT' })}.${b64({ sub: '1234567890', name: 'John Doe' })}.${random(43)}`,
    ],
    ['a token without a signature', `${b64({ alg: 'none', typ: 'JWT' })}.${b64({ sub: 'x' })}.`],
    [
      "the key of Azure's emulator",
      'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;',
    ],
    ['a placeholder', `sk_live_${'x'.repeat(30)}`],
  ])('%s is none', async (_what, text) => {
    expect(await secretsOf('srv/file', `first\n${text}\nlast\n`)).toEqual([]);
  });

  it('are no secrets in documentation and tests of what is installed, unless their form proves them', async () => {
    for (const path of [
      'usr/share/doc/x/key.pem',
      'usr/lib/python3/dist-packages/x/tests/key.pem',
      'app/node_modules/x/test/key.pem',
    ]) {
      expect(await secretsOf(path, pkcs8), path).toEqual([]);
      expect(types(await secretsOf(path, checked('ghp_'))), path).toEqual(['github-token']);
    }
    expect(types(await secretsOf('app/test/key.pem', pkcs8))).toEqual(['private-key']);
  });

  it('are not looked for in binaries and large texts', async () => {
    expect(await secretsOf('x', `\0${pkcs8}`)).toEqual([]);
    expect(await secretsOf('x', `${pkcs8}${' '.repeat(1 << 20)}`)).toEqual([]);
  });

  it('are at most a hundred of one text', () => {
    expect(findSecrets(Buffer.from(`${checked('ghp_')}\n`.repeat(300)))).toHaveLength(100);
  });
});

describe('files of known names', () => {
  it.each<[string, string, string[]]>([
    [
      'root/.docker/config.json',
      JSON.stringify({
        auths: { 'r.io': { auth: Buffer.from('me:s3cr3t!').toString('base64') }, 'e.io': {} },
      }),
      ['docker-auth'],
    ],
    ['root/.docker/config.json', JSON.stringify({ auths: { 'r.io': {} }, credsStore: 'desktop' }), []],
    ['root/.docker/config.json', '{', []],
    ['root/.netrc', 'machine h\n login me\n password s3cr3t!\nmachine i login x password ${P}\n', ['netrc']],
    ['root/.npmrc', '//r/:_authToken=0123f-drawn\n', ['npm-token']],
    ['root/.npmrc', '//r/:_authToken=${NPM_TOKEN}\n#//r/:_authToken=abc\nregistry=https://r/\n', []],
    ['root/.pypirc', '[pypi]\nusername = me\npassword = drawn-by-lot\n', ['pypi-password']],
    ['root/.git-credentials', 'https://me:drawn-by-lot@h\n', ['git-credentials']],
    ['root/.kube/config', 'users:\n- user:\n    token: drawn-by-lot\n', ['kubeconfig']],
    [
      'x/terraform.tfstate',
      '{"terraform_version":"1.5.0","resources":[{"admin_password":"drawn-by-lot"}]}',
      ['terraform-state'],
    ],
    ['x/terraform.tfstate', '{"terraform_version":"1.5.0","resources":[]}', []],
    ['root/.kube/config', `- client-key-data: ${random(2000)}foo\n`, ['kubeconfig']],
    [
      'app/.env',
      `A=1\nDB_PASSWORD=${random(20)}\nexport API_KEY="${random(32)}"\n`,
      ['password', 'password'],
    ],
    [
      'app/.env',
      'URL=postgres://u:drawn-by-lot@h/db\nPASSWORD=changeme\nSECRET=${S}\nTOKEN_FILE=/run/token\n',
      ['url-password'],
    ],
    ['app/.env.example', `DB_PASSWORD=${random(20)}\n`, []],
  ])('%s: %s', async (path, text, expected) => {
    expect(types(await secretsOf(path, text))).toEqual(expected);
  });
});

describe('variables of an image', () => {
  it.each<[string, string, string | undefined]>([
    ['DB_PASSWORD', random(20), 'password'],
    ['API_KEY', random(32, '0123456789abcdef'), 'password'],
    ['GH', checked('gho_'), 'github-token'],
    ['DATABASE_URL', 'mysql://me:Tr0ub4dor&3@db/x', 'url-password'],
    ['DB_PASSWORD', 'changeme', undefined],
    ['PASSWORD_FILE', '/run/secrets/x', undefined],
    ['JAVA_TOOL_OPTIONS', '-XX:+UseZGC -Djavax.net.ssl.trustStorePassword=changeit', undefined],
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', undefined],
    ['GPG_KEY', 'A035C8C19219BA821ECEA86B64E628F8D684696D', undefined],
    ['PYTHON_SHA256', random(64, '0123456789abcdef'), undefined],
    ['SSL_CERT_FILE', '/etc/ssl/certs/ca-certificates.crt', undefined],
    ['PWD', `/${random(20)}`, undefined],
  ])('%s=%s: %s', (name, value, type) => {
    expect(findSecretInVariable(name, value)?.type).toBe(type);
  });
});

describe('hostile texts', () => {
  it('throw nothing, and give little', async () => {
    const word = fc.constantFrom(
      '-----BEGIN ',
      'PRIVATE KEY',
      '-----',
      '-----END ',
      'ghp_',
      'eyJhbGciOi',
      'AKIA',
      '.',
      '\n',
      'AccountKey=',
      '\\n',
      '"',
      '=',
      'PuTTY-User-Key-File-',
      'Proc-Type: 4,ENCRYPTED',
      '{"auths":',
      '}',
    );
    const text = fc
      .array(fc.oneof(word, fc.string({ maxLength: 30 })), { maxLength: 60 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom('x', '.env', '.netrc', '.docker/config.json', 'a.tfstate'),
        async (content, path) => {
          expect((await secretsOf(path, content)).length).toBeLessThanOrEqual(200);
        },
      ),
    );
  });

  it.each<[string, string]>([
    ['one mark after the other', 'PRIVATE KEY'.repeat(90_000)],
    ['beginnings without an end', '-----BEGIN PRIVATE KEY-----'.repeat(38_000)],
    ['points', `eyJhbGciOiJ${'a.eyJ'.repeat(200_000)}`],
    ['names of tokens', 'ghp_eyJhbGci_npm_AKIA'.repeat(48_000)],
    ['a line of tokens', `${checked('ghp_')} `.repeat(20_000)],
  ])('come to an end: %s', (_what, text) => {
    expect(findSecrets(Buffer.from(text.slice(0, 1 << 20))).length).toBeLessThanOrEqual(1);
  });
});

describeWith('keys of real tools', { tools: ['openssl'] }, () => {
  it.each([
    ['RSA', ['genrsa', '2048'], 'private-key'],
    ['Ed25519', ['genpkey', '-algorithm', 'ed25519'], 'private-key'],
    ['EC with its parameters before it', ['ecparam', '-name', 'prime256v1', '-genkey'], 'private-key'],
    [
      'RSA with a passphrase',
      ['genrsa', '-aes256', '-passout', 'pass:xxxx', '2048'],
      'encrypted-private-key',
    ],
  ])('openssl: %s', async (_what, args, type) => {
    const text = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(types(await secretsOf('srv/key', text))).toEqual([type]);
  });
});
