import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallImage } from '../../location/fixtures.ts';
import { openSink, parseLocation } from '../../location/index.ts';
import type { Outcome } from '../../testing/commands.ts';
import { expectFailure } from '../../testing/failure.ts';
import { contextWith } from '../../testing/registry-context.ts';
import { createToolHome, type ToolHome } from '../../testing/tool-home.ts';
import { describeWith } from '../../testing/tools.ts';

const image = await smallImage('trust');

async function createHome(options: Parameters<typeof createToolHome>[0]): Promise<ToolHome> {
  const home = await createToolHome({ isSecure: true, ...options });
  const images = parseLocation(`oci:${home.path('images')}:app`);
  await openSink(images, contextWith()).write([{ names: [], artifact: image }]);
  return home;
}

const TOOLS = ['docker-registry', 'openssl'];

describeWith('a registry whose certificate nobody knows', { tools: TOOLS }, () => {
  let home: ToolHome;
  const push = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
    home.pith(['push', 'oci:images:app', `${home.host}/app:1`, ...args], { env });

  beforeAll(async () => {
    home = await createHome({ isStranger: true });
    await mkdir(home.path('empty'));
    await home.write('certs/own.crt', home.certificates?.authority ?? '');
    await home.write('broken/own.crt', 'hello');
  });
  afterAll(() => home.close());

  it('is not pushed to: where to put the certificate is said', async () => {
    const certificates = `${home.folder}/.config/containers/certs.d/${home.host}/ca.crt`;
    expectFailure(await push(), {
      code: 'NETWORK_FAILED',
      message: /the certificate of 127\.0\.0\.1:\d+ is not trusted: .*unable to verify/,
      hint: new RegExp(certificates.replaceAll('.', '\\.')),
    });
    expectFailure(await push(['--cert-dir', 'empty']), {
      code: 'NETWORK_FAILED',
      message: /is not trusted/,
      hint: /\/empty\/ca\.crt/,
    });
  });

  it.each([
    ['that is not there', 'nowhere', /nowhere is no folder/, /\*\.crt/],
    ['of something else', 'broken', /own\.crt is not a certificate/, /BEGIN CERTIFICATE/],
  ])('is not asked with a folder of certificates %s', async (_what, folder, message, hint) => {
    expectFailure(await push(['--cert-dir', folder]), { code: 'USAGE', message, hint });
  });

  it.each<[string, string[], () => Record<string, string>]>([
    ['--cert-dir', ['--cert-dir', 'certs'], () => ({})],
    ['SSL_CERT_FILE', [], () => ({ SSL_CERT_FILE: home.path('certs/own.crt') })],
    ['NODE_EXTRA_CA_CERTS', [], () => ({ NODE_EXTRA_CA_CERTS: home.path('certs/own.crt') })],
    ['--insecure', ['--insecure'], () => ({})],
  ])('is pushed to with %s', async (_what, args, env) => {
    const { code, stdout, stderr } = await push(args, env());
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(`docker://${home.host}/app:1@${image.descriptor.digest}\n`);
  });

  it('is pushed to with certs.d of the home, where skopeo looks too', async () => {
    await home.write(`.config/containers/certs.d/${home.host}/ca.crt`, home.certificates?.authority ?? '');
    expect(await push()).toMatchObject({ code: 0 });
  });
});

describe('a registry that wants certificates of clients', () => {
  describeWith('over https', { tools: TOOLS }, () => {
    let home: ToolHome;
    beforeAll(async () => {
      home = await createHome({ wantsCertificate: true });
      await home.write('stranger/ca.crt', home.certificates?.authority ?? '');
      await home.write('half/ca.crt', home.certificates?.authority ?? '');
      await home.write('half/me.cert', home.certificates?.server.cert ?? '');
    });
    afterAll(() => home.close());

    it('gets the one of certs.d, as from skopeo', async () => {
      const pushed = await home.pith(['push', 'oci:images:app', `${home.host}/app:1`]);
      expect(pushed, pushed.stderr).toMatchObject({ code: 0 });
      const { code, stdout } = await home.pith(['digest', `${home.host}/app:1`]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${image.descriptor.digest}\n` });
    });

    it('refuses others, and says what it wants', async () => {
      const ask = (folder: string): Promise<Outcome> =>
        home.pith(['digest', `${home.host}/app:1`, '--cert-dir', folder]);
      const failure = { code: 'NETWORK_FAILED', hint: /\/stranger as client\.cert/ } as const;
      expectFailure(await ask('stranger'), {
        ...failure,
        message: /127\.0\.0\.1:\d+ wants a certificate of its clients \(/,
      });
      const self = ['-x509', '-nodes', '-subj', '/CN=me', '-newkey', 'rsa:2048'];
      await home.tool('openssl', 'req', ...self, '-keyout', 'stranger/me.key', '-out', 'stranger/me.cert');
      expectFailure(await ask('stranger'), {
        ...failure,
        message: /wants a certificate of its clients, and does not take the one/,
      });
    });

    it('is not asked with a certificate that has no key', async () => {
      expectFailure(await home.pith(['digest', `${home.host}/app:1`, '--cert-dir', 'half']), {
        code: 'USAGE',
        message: /half\/me\.cert has no key/,
        hint: /me\.key/,
      });
    });
  });
});
